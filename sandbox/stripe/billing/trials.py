"""Trials: a free period before the first paid one.

https://docs.stripe.com/billing/subscriptions/trials
"""

from typing import TYPE_CHECKING

from sandbox.stripe.errors import invalid
from sandbox.stripe.store import Obj

if TYPE_CHECKING:
    from sandbox.stripe.stand_in import StandIn

DAY_SECONDS = 24 * 3600
REMINDER_DAYS = 3


class Trials:
    """Begins, extends and ends the trials of subscriptions."""

    def __init__(self, stripe: "StandIn") -> None:
        self.stripe = stripe

    def asked_for(self, params: Obj) -> int | None:
        """When the trial ends that a request asks for; None if it asks for none."""
        if days := params.get("trial_period_days"):
            return int(self.stripe.clock.now() + days * DAY_SECONDS)
        end = params.get("trial_end")
        if end in (None, "", "now"):
            return None
        if end <= self.stripe.clock.now():
            raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
        return int(end)

    def begin(self, subscription: Obj, params: Obj) -> None:
        """Begin with a trial if the request asks for one: the first paid period starts when it ends."""
        if (end := self.asked_for(params)) is None:
            return
        now = self.stripe.clock.now()
        subscription.update(status="trialing", trial_start=now, trial_end=end, billing_cycle_anchor=end)
        self._schedule_reminder(subscription["id"], end)

    def extension(self, subscription: Obj, params: Obj) -> Obj:
        """The fields that a later end of a trial changes. An end "now" is a new period, which `Change` begins."""
        end = self.asked_for(params)
        if end is None:
            return {}
        if subscription["status"] != "trialing":
            raise invalid("The sandbox extends trials, but adds none to a subscription that is paid for.", "trial_end")
        for item in subscription["items"]["data"]:
            item["current_period_end"] = end
        self.stripe.subscriptions.schedule_renewal(subscription)
        self._schedule_reminder(subscription["id"], end)
        return {"trial_end": end, "billing_cycle_anchor": end}

    def reminder_due(self, object_id: str) -> None:
        """Report that a trial ends within three days."""
        subscription = self.stripe.subscriptions.get(object_id)
        left = (subscription["trial_end"] or 0) - self.stripe.clock.now()
        if subscription["status"] == "trialing" and left <= REMINDER_DAYS * DAY_SECONDS:
            self.stripe.subscriptions.emit("trial_will_end", subscription)

    def ends_without_card(self, subscription: Obj) -> bool:
        """At the end of a trial without a card: cancel or pause the subscription if its settings say so."""
        if self.stripe.payment_methods.default_of(subscription["customer"], subscription["default_payment_method"]):
            return False
        wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        if wanted == "cancel":
            self.stripe.subscriptions.end(subscription, reason="payment_failed")
        elif wanted == "pause":
            previous = self.stripe.subscriptions.change(subscription, status="paused")
            self.stripe.subscriptions.emit("paused", subscription, previous)
        return wanted in ("cancel", "pause")

    def _schedule_reminder(self, subscription_id: str, end: int) -> None:
        moment = max(self.stripe.clock.now(), end - REMINDER_DAYS * DAY_SECONDS)
        self.stripe.store.schedule(moment, "trial_will_end", subscription_id)
