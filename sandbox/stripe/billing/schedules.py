"""A change to a cheaper plan waits in a schedule until the period ends."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import Resource
from sandbox.stripe.store import Obj

OPEN = ("not_started", "active")


class SubscriptionSchedules(Resource):
    """Schedules of two phases: the subscription as it is, then the same with another price.

    Only the portal makes them here; Stripe's API for schedules can do much more.
    """

    kind, prefix = "subscription_schedule", "sub_sched"

    def switch_at_period_end(self, subscription: Obj, price: Obj) -> None:
        """Schedule another price for the next period, instead of what was scheduled before."""
        if subscription["schedule"]:
            self.release({}, subscription["schedule"])
        first = _phase(subscription)
        items = [{"price": price["id"], "quantity": first["items"][0]["quantity"]}]
        second = {**first, "end_date": None, "items": items, "start_date": first["end_date"]}
        schedule = self.add(
            application=None,
            billing_mode=subscription["billing_mode"],
            canceled_at=None,
            completed_at=None,
            current_phase={"end_date": first["end_date"], "start_date": first["start_date"]},
            customer=subscription["customer"],
            customer_account=None,
            default_settings={"billing_cycle_anchor": "automatic", "collection_method": "charge_automatically"},
            end_behavior="release",
            phases=[first, second],
            released_at=None,
            released_subscription=None,
            status="active",
            subscription=subscription["id"],
            test_clock=None,
        )
        self.emit("created", schedule)
        self._attach(subscription, schedule["id"])

    def release(self, params: Obj, object_id: str) -> Obj:
        """Drop what was scheduled: the subscription continues as it is."""
        schedule = self.get(object_id)
        if schedule["status"] not in OPEN:
            raise invalid(f"The schedule is {schedule['status']}.")
        subscription = self.stripe.subscriptions.get(schedule["subscription"])
        self._release(schedule)
        self._attach(subscription, None)
        return schedule

    def apply_next(self, subscription: Obj) -> None:
        """At the end of a period: give the subscription the scheduled price. The renewal's event reports it."""
        schedule = self.store.find(self.kind, subscription["schedule"] or "")
        if schedule is None or schedule["status"] not in OPEN:
            return
        if schedule["phases"][-1]["start_date"] != self.stripe.subscriptions.period_end(subscription):
            return
        for item, given in zip(subscription["items"]["data"], schedule["phases"][-1]["items"], strict=False):
            item.update(price=self.stripe.prices.get(given["price"]), quantity=given["quantity"])
        self._release(schedule)
        subscription["schedule"] = None

    def _release(self, schedule: Obj) -> None:
        released = {"released_at": self.now, "released_subscription": schedule["subscription"], "subscription": None}
        schedule.update(status="released", current_phase=None, **released)
        self.emit("released", schedule)

    def _attach(self, subscription: Obj, schedule_id: str | None) -> None:
        previous = self.stripe.subscriptions.change(subscription, schedule=schedule_id)
        self.stripe.subscriptions.emit("updated", subscription, previous)


def _phase(subscription: Obj) -> Obj:
    items = subscription["items"]["data"]
    return {
        "add_invoice_items": [],
        "currency": subscription["currency"],
        "end_date": items[0]["current_period_end"],
        "items": [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in items],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": items[0]["current_period_start"],
    }
