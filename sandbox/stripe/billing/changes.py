"""A change of a subscription's items: what it costs, and how it is undone when it cannot be paid."""

from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox.stripe.store import Obj

from . import prorations
from .invoice_lines import Line

if TYPE_CHECKING:
    from sandbox.stripe.stand_in import StandIn

    from .subscription_items import SubscriptionItems

MUST_BE_PAID = ("error_if_incomplete", "pending_if_incomplete")
UNDONE = ("billing_cycle_anchor", "discounts", "items", "latest_invoice", "status", "trial_end")


class Change:
    """One request's change. `make` applies it and charges or credits the difference.

    Another interval, a reset of the billing date and the end of a trial begin a new period, which is charged now.
    """

    def __init__(self, stripe: "StandIn", subscription: Obj, params: Obj) -> None:
        self.stripe, self.subscription, self.params = stripe, subscription, params
        self.before = {name: deepcopy(subscription[name]) for name in UNDONE}
        self.items_before: list[Obj] = self.before["items"]["data"]
        self.discounts_before = {each["id"]: self._items.discounts_of(each) for each in self.items_before}
        self.is_trial = subscription["status"] == "trialing"
        self.is_prorated = params.get("proration_behavior") != "none" and not self.is_trial

    @property
    def _items(self) -> "SubscriptionItems":
        return self.stripe.subscription_items

    def make(self) -> Obj:
        """Change the items. Returns the fields that were different before, empty without a change."""
        for number, given in enumerate(self.params.get("items") or []):
            self._items.apply(self.subscription, given, f"items[{number}]")
        starts_now = self._starts_now()
        if not starts_now and self.before["items"] == self.subscription["items"]:
            return {}
        if starts_now:
            self._start_now()
        else:
            self._prorate()
        return {name: value for name, value in self.before.items() if value != self.subscription[name]}

    def _starts_now(self) -> bool:
        asked = "now" in (self.params.get("billing_cycle_anchor"), self.params.get("trial_end"))
        intervals = [{_interval(each) for each in items} for items in (self.items_before, self._items_now)]
        return asked or intervals[0] != intervals[1]

    @property
    def _items_now(self) -> list[Obj]:
        items: list[Obj] = self.subscription["items"]["data"]
        return items

    def _start_now(self) -> None:
        prorated = [self._credit(item) for item in self.items_before] if self.is_prorated else []
        self.subscription["billing_cycle_anchor"] = now = self.stripe.clock.now()
        if self.is_trial:
            self.subscription.update(status="active", trial_end=now)
        for item in self._items_now:
            self._items.start_period(self.subscription, item, now)
            self._items.note_discounts(item, self.subscription["discounts"])
        self.stripe.subscriptions.schedule_renewal(self.subscription)
        self._invoice(prorated, self._items.lines(self.subscription))

    def _prorate(self) -> None:
        if not self.is_prorated:
            return
        paid_before = {_paid_for(item) for item in self.items_before}
        paid_now = {_paid_for(item) for item in self._items_now}
        lines = [self._credit(item) for item in self.items_before if _paid_for(item) not in paid_now]
        lines += [self._charge(item) for item in self._items_now if _paid_for(item) not in paid_before]
        if self.params.get("proration_behavior") == "always_invoice" and lines:
            self._invoice(lines, [])
            return
        for line in lines:
            self._items.add_pending(self.subscription, line)

    def _credit(self, item: Obj) -> Line:
        return prorations.credit(self.stripe, self.subscription, item)

    def _charge(self, item: Obj) -> Line:
        return prorations.charge(self.stripe, self.subscription, item)

    def _invoice(self, prorated: list[Line], whole: list[Line]) -> None:
        pending = self.stripe.invoice_items.pending_of(self.subscription["customer"], self.subscription["id"])
        invoice = self.stripe.subscriptions.invoice_now(self.subscription, [*prorated, *pending, *whole])
        paid = self.stripe.invoices.finalize_and_pay(invoice)
        if not paid and self.params.get("payment_behavior") in MUST_BE_PAID:
            error = self.stripe.invoices.payment_error(invoice, "subscription")
            self.stripe.invoices.void(invoice)
            self.stripe.invoice_items.release(pending)
            self._undo()
            raise error

    def _undo(self) -> None:
        for item in self._items_now:
            self.stripe.store.remove(item)
        for item in self.items_before:
            self.stripe.store.add(item)
            self._items.note_discounts(item, self.discounts_before[item["id"]])
        self.stripe.subscriptions.put_back(self.subscription, self.before)


def _interval(item: Obj) -> tuple[str, int]:
    recurring = item["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _paid_for(item: Obj) -> tuple[str, str, int]:
    return item["id"], item["price"]["id"], item["quantity"]
