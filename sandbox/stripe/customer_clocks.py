"""Test clocks: a time of its own for some customers, so that their renewals can be seen within seconds.

Only what is scheduled follows such a clock. What a request does happens at the stand-in's own time.
"""

from .clock import months_later
from .errors import invalid
from .resource import Resource
from .store import Obj

# At Stripe: two of the shortest billing period, which is a month here.
FARTHEST_MONTHS = 2


class CustomerClocks(Resource):
    kind, prefix = "test_helpers.test_clock", "clock"

    def create(self, params: Obj) -> Obj:
        clock = self.add(
            deletes_after=params["frozen_time"] + 30 * 24 * 3600,
            frozen_time=params["frozen_time"],
            name=params.get("name"),
            status="ready",
            status_details={},
        )
        del clock["metadata"]
        return clock

    def advance(self, params: Obj, object_id: str) -> Obj:
        """Move a clock forward; what is due on the way happens at its own time. Stripe takes some seconds for it."""
        clock = self.get(object_id)
        moment = params["frozen_time"]
        if not clock["frozen_time"] < moment <= months_later(clock["frozen_time"], FARTHEST_MONTHS):
            message = "A test clock can be advanced by up to two billing periods, and not backwards."
            raise invalid(message, "frozen_time")
        while due := self.store.take_due(moment, lambda each: self.of(each) == object_id):
            self.stripe.do_due(due)
        clock["frozen_time"] = moment
        return clock

    def delete(self, params: Obj, object_id: str) -> Obj:
        """Delete a clock with its customers."""
        clock = self.get(object_id)
        for customer in self.stripe.customers.all():
            if customer["test_clock"] == object_id:
                self.stripe.customers.delete({}, customer["id"])
        self.store.remove(clock)
        return {"id": object_id, "object": self.kind, "deleted": True}

    def of(self, object_id: str) -> str | None:
        """The clock of the customer to whom an object belongs; None for the stand-in's own clock."""
        customer_id = (self.store.by_id(object_id) or {}).get("customer") or ""
        clock: str | None = (self.store.find("customer", customer_id) or {}).get("test_clock")
        return clock
