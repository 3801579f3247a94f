"""Changes of subscriptions that wait for the end of a period."""

from .errors import invalid
from .resource import Resource, metadata
from .store import Obj

OPEN = ("not_started", "active")


class SubscriptionSchedules(Resource):
    """Phases of a subscription, one after the other. A phase begins when a period ends."""

    kind, prefix, filters = "subscription_schedule", "sub_sched", ("customer",)

    def create(self, params: Obj) -> Obj:
        """Make a schedule from a subscription, whose present items are its first phase."""
        if not params.get("from_subscription"):
            raise invalid("The sandbox makes schedules from subscriptions only.", "from_subscription")
        subscription = self.stripe.subscriptions.get(params["from_subscription"], "from_subscription")
        if subscription["schedule"]:
            raise invalid("The subscription is already attached to a schedule.", "from_subscription")
        first = _phase(subscription)
        schedule = self.add(
            application=None,
            billing_mode=subscription["billing_mode"],
            canceled_at=None,
            completed_at=None,
            current_phase={"end_date": first["end_date"], "start_date": first["start_date"]},
            customer=subscription["customer"],
            customer_account=None,
            default_settings={"billing_cycle_anchor": "automatic", "collection_method": "charge_automatically"},
            end_behavior=params.get("end_behavior", "release"),
            metadata=metadata(params.get("metadata")),
            phases=[first],
            released_at=None,
            released_subscription=None,
            status="active",
            subscription=subscription["id"],
            test_clock=None,
        )
        self.emit("created", schedule)
        self._attach(subscription, schedule["id"])
        return schedule

    def update(self, params: Obj, object_id: str) -> Obj:
        """Set the phases; those after the first take over at the end of the one before."""
        schedule = self._open(object_id)
        changes = self.merged(schedule, {name: value for name, value in params.items() if name != "phases"})
        if "phases" in params:
            changes["phases"] = self._phases(schedule, params["phases"])
        if previous := self.change(schedule, **changes):
            self.emit("updated", schedule, previous)
        return schedule

    def switch_at_period_end(self, subscription: Obj, price: Obj) -> Obj:
        """Have a subscription change to another price when its period ends."""
        if subscription["schedule"]:
            self.release({}, subscription["schedule"])
        schedule = self.create({"from_subscription": subscription["id"]})
        quantity = subscription["items"]["data"][0]["quantity"]
        phases = [{"items": [{"price": price["id"], "quantity": quantity}]}]
        return self.update({"phases": [dict(schedule["phases"][0]), *phases]}, schedule["id"])

    def release(self, params: Obj, object_id: str) -> Obj:
        """Let a subscription go on as it is now."""
        return self._close(self._open(object_id), "released")

    def cancel(self, params: Obj, object_id: str) -> Obj:
        """End a schedule together with its subscription."""
        schedule = self._open(object_id)
        subscription = self.stripe.subscriptions.get(schedule["subscription"])
        self._close(schedule, "canceled")
        self.stripe.subscriptions.end(subscription, reason="cancellation_requested")
        return schedule

    def apply_next(self, subscription: Obj) -> None:
        """Let the phase begin that follows the period which has just ended."""
        schedule = self.store.find(self.kind, subscription["schedule"] or "")
        if schedule is None or schedule["status"] not in OPEN:
            return
        ended_at = self.stripe.subscriptions.period_end(subscription)
        phase = next((each for each in schedule["phases"] if each["start_date"] == ended_at), None)
        if phase is None:
            return
        for item, given in zip(subscription["items"]["data"], phase["items"], strict=False):
            self.stripe.subscription_items.switch(item, self.stripe.prices.get(given["price"]))
            item["quantity"] = given.get("quantity", item["quantity"])
        schedule["current_phase"] = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
        if phase is schedule["phases"][-1] and schedule["end_behavior"] == "release":
            self._close(schedule, "released", tells=False)

    def _phases(self, schedule: Obj, given: list[Obj]) -> list[Obj]:
        phases: list[Obj] = []
        first = schedule["phases"][0]
        for number, each in enumerate(given):
            items = [{"price": item["price"], "quantity": item.get("quantity", 1)} for item in each["items"]]
            for item in items:
                self.stripe.prices.get(item["price"], f"phases[{number}][items][0][price]")
            start = phases[-1]["end_date"] if phases else first["start_date"]
            end = first["end_date"] if not phases else each.get("end_date")
            phases.append({**first, "end_date": end, "items": items, "start_date": start})
        return phases

    def _close(self, schedule: Obj, status: str, *, tells: bool = True) -> Obj:
        subscription = self.stripe.subscriptions.get(schedule["subscription"])
        schedule.update(status=status, current_phase=None)
        schedule["canceled_at" if status == "canceled" else "released_at"] = self.now
        if status == "released":
            schedule.update(released_subscription=subscription["id"], subscription=None)
        self.emit(status, schedule)
        if tells:
            self._attach(subscription, None)
        else:
            subscription["schedule"] = None
        return schedule

    def _attach(self, subscription: Obj, schedule_id: str | None) -> None:
        previous = self.stripe.subscriptions.change(subscription, schedule=schedule_id)
        self.stripe.subscriptions.emit("updated", subscription, previous)

    def _open(self, object_id: str) -> Obj:
        schedule = self.get(object_id)
        if schedule["status"] not in OPEN:
            raise invalid(f"The schedule is {schedule['status']}.")
        return schedule


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
