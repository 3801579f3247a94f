"""Subscriptions: begun, renewed each period, changed, cancelled and ended."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from sandbox.stripe.clock import months_later
from sandbox.stripe.errors import invalid, missing, refuse_unsupported
from sandbox.stripe.resource import Resource, listed, metadata
from sandbox.stripe.store import Obj, new_id

from .changes import Change
from .invoice_lines import Line

INCOMPLETE_FOR_SECONDS = 23 * 3600
# The account's setting at Stripe for `invoice.upcoming`.
UPCOMING_SECONDS = 7 * 24 * 3600
RENEWED = ("active", "trialing", "past_due")
ENDED = ("canceled", "incomplete_expired")
TRIAL_SETTINGS = {"end_behavior": {"missing_payment_method": "create_invoice"}}
# What happens when the last attempt to collect a renewal has failed; the account's setting at Stripe.
AFTER_LAST_ATTEMPT = ("cancel", "unpaid", "past_due")


class Subscriptions(Resource):
    kind, prefix, filters = "subscription", "sub", ("customer", "collection_method")

    def emit(self, verb: str, obj: Obj, previous: Obj | None = None) -> None:
        """Stripe names these events after the customer."""
        self.stripe.events.emit(f"customer.subscription.{verb}", obj, previous)

    def create(self, params: Obj) -> Obj:
        """Begin a subscription and charge its first invoice."""
        customer = self.stripe.customers.get(params["customer"], "customer")
        behaviour = params.get("payment_behavior", "allow_incomplete")
        if behaviour not in ("allow_incomplete", "error_if_incomplete"):
            raise invalid(f"The sandbox does not support `{behaviour}`.", "payment_behavior")
        subscription = self.begin(customer, params.get("items") or [], params)
        if behaviour == "error_if_incomplete":
            self._pay_or_undo(subscription)
            self.emit("created", subscription)
        else:
            self.emit("created", subscription)
            self.pay_first(subscription)
        return subscription

    def _pay_or_undo(self, subscription: Obj) -> None:
        """Charge the first invoice; if that fails, nothing is left of the subscription but a void invoice."""
        if self.pay_first(subscription):
            return
        invoice = self.stripe.invoices.get(subscription["latest_invoice"])
        error = self.stripe.invoices.payment_error(invoice, "subscription")
        self.store.remove(subscription)
        self.stripe.invoices.void(invoice)
        raise error

    def begin(self, customer: Obj, items: Sequence[Obj], params: Obj) -> Obj:
        """A subscription whose first invoice is a draft. It is `incomplete` until that is paid, or `trialing`."""
        if not items:
            raise missing("items")
        subscription = self.add(**{**_blank(), **_given(params)}, customer=customer["id"], start_date=self.now)
        subscription["billing_cycle_anchor"] = self.now
        self.stripe.trials.begin(subscription, params)
        subscription["items"] = listed([], f"/v1/subscription_items?subscription={subscription['id']}")
        for number, item in enumerate(items):
            self.stripe.subscription_items.put(subscription, item, f"items[{number}]")
        subscription["currency"] = subscription["items"]["data"][0]["price"]["currency"]
        self.refuse_another_currency(customer["id"], subscription["currency"])
        given = [self.stripe.discounts.give(each, **_owner(subscription)) for each in params.get("discounts") or []]
        subscription["discounts"] = [discount["id"] for discount in given]
        lines = self.stripe.subscription_items.lines(subscription)
        self._invoice(subscription, lines, "subscription_create", auto_advance=False)
        self.schedule_renewal(subscription)
        return subscription

    def schedule_renewal(self, subscription: Obj) -> None:
        """Have the subscription renewed when its period ends, and the renewal announced a week before."""
        end = self.period_end(subscription)
        self.store.schedule(end, "period_end", subscription["id"])
        self.store.schedule(end - UPCOMING_SECONDS, "upcoming", subscription["id"])

    def upcoming_due(self, object_id: str) -> None:
        """Send `invoice.upcoming`, unless the subscription ends or its period has been changed since."""
        subscription = self.get(object_id)
        end, hidden = self.period_end(subscription), self.store.hidden(object_id)
        is_renewed = subscription["status"] in RENEWED and not subscription["cancel_at"]
        if is_renewed and 0 < end - self.now <= UPCOMING_SECONDS and hidden.get("announced") != end:
            hidden["announced"] = end
            self.stripe.events.emit("invoice.upcoming", self._upcoming(subscription))

    def _upcoming(self, subscription: Obj) -> Obj:
        """The next invoice as `invoice.upcoming` shows it, without an id. Scheduled changes are not in it."""
        subtotal = sum(item["price"]["unit_amount"] * item["quantity"] for item in subscription["items"]["data"])
        off = sum(each["amount"] for each in self.stripe.discounts.off(subtotal, subscription["discounts"]))
        details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
        return {
            "object": "invoice",
            "amount_due": subtotal - off,
            "billing_reason": "upcoming",
            "created": self.period_end(subscription),
            "currency": subscription["currency"],
            "customer": subscription["customer"],
            "livemode": False,
            "metadata": {},
            "next_payment_attempt": self.period_end(subscription) + 3600,
            "parent": {"quote_details": None, "subscription_details": details, "type": "subscription_details"},
            "status": "draft",
            "subtotal": subtotal,
            "total": subtotal - off,
        }

    def pay_first(self, subscription: Obj) -> bool:
        """Charge the first invoice; False leaves the subscription incomplete for 23 hours."""
        invoice = self.stripe.invoices.get(subscription["latest_invoice"])
        if self.stripe.invoices.finalize_and_pay(invoice):
            return True
        if self.stripe.invoice_payments.intent_of(invoice)["status"] == "processing":
            # The bank takes days: Stripe lets the subscription begin before that.
            self._set(subscription, status="active")
            return False
        self.store.schedule(self.now + INCOMPLETE_FOR_SECONDS, "incomplete_expires", subscription["id"])
        return False

    def update(self, params: Obj, object_id: str) -> Obj:
        """Change a subscription: its items, its end, its metadata."""
        subscription = self._open(object_id)
        self._refuse_unsupported(params)
        plain = ("metadata", "description", "default_payment_method", "collection_method", "days_until_due")
        changes = self.merged(subscription, {name: params[name] for name in plain if name in params})
        changes |= self._end_changes(subscription, params) | self.stripe.trials.extension(subscription, params)
        if "discounts" in params:
            given = [self.stripe.discounts.give(each, **_owner(subscription)) for each in params["discounts"] or []]
            changes["discounts"] = [discount["id"] for discount in given]
        previous = self.change(subscription, **changes)
        previous |= Change(self.stripe, subscription, params).make()
        if previous:
            self.emit("updated", subscription, previous)
        return subscription

    def cancel(self, params: Obj, object_id: str) -> Obj:
        """End a subscription now, without a credit."""
        subscription = self._open(object_id)
        refuse_unsupported(params, "prorate", "invoice_now")
        details = {"comment": None, "feedback": None, **params.get("cancellation_details", {})}
        self.end(subscription, reason="cancellation_requested", details=details)
        return subscription

    def end(self, subscription: Obj, *, reason: str, details: Obj | None = None) -> None:
        details = {**subscription["cancellation_details"], **(details or {}), "reason": reason}
        canceled_at = subscription["canceled_at"] or self.now
        subscription.update(status="canceled", ended_at=self.now, canceled_at=canceled_at, cancellation_details=details)
        self.emit("deleted", subscription)

    def resume(self, params: Obj, object_id: str) -> Obj:
        """Withdraw a cancellation before it takes effect."""
        return self.update({"cancel_at_period_end": False}, object_id)

    def open_of(self, customer_id: str) -> list[Obj]:
        return [each for each in self.all() if each["customer"] == customer_id and each["status"] not in ENDED]

    def refuse_another_currency(self, customer_id: str, currency: str) -> None:
        """A customer's subscriptions all have one currency."""
        for other in self.open_of(customer_id):
            if other["currency"] not in (None, currency):
                message = "You cannot combine currencies on a single customer. This customer has an active subscription"
                raise invalid(f"{message} with currency {other['currency']}.", "currency")

    def period_end(self, subscription: Obj) -> int:
        """When the current period ends: the latest of its items."""
        return max(int(item["current_period_end"]) for item in subscription["items"]["data"])

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Ended ones only when `status` asks for them; also by price."""
        wanted, price = params.get("status"), params.get("price")
        status = obj["status"]
        if wanted not in (None, "all", status) and not (wanted == "ended" and status in ENDED):
            return False
        if wanted is None and status == "canceled":
            return False
        prices = [item["price"]["id"] for item in obj["items"]["data"]]
        return super().matches(obj, params) and (price is None or price in prices)

    def period_ended(self, object_id: str) -> None:
        """Renew a subscription, or end it if it was cancelled."""
        subscription = self.get(object_id)
        ends_at = self.period_end(subscription)
        if subscription["status"] in ENDED or ends_at > self.now:
            return
        if subscription["cancel_at"] and subscription["cancel_at"] <= self.now:
            self.end(subscription, reason="cancellation_requested")
        elif subscription["status"] == "trialing" and self.stripe.trials.ends_without_card(subscription):
            return
        elif subscription["status"] in ("active", "past_due", "trialing", "unpaid"):
            self._renew(subscription)

    def cancel_due(self, object_id: str) -> None:
        """End a subscription whose `cancel_at` lies inside a period."""
        subscription = self.get(object_id)
        if subscription["status"] not in ENDED and subscription["cancel_at"] and subscription["cancel_at"] <= self.now:
            self.end(subscription, reason="cancellation_requested")

    def incomplete_expired(self, object_id: str) -> None:
        """Give up a subscription that was never paid."""
        subscription = self.get(object_id)
        if subscription["status"] == "incomplete":
            self._set(subscription, status="incomplete_expired", ended_at=self.now)
            self.stripe.invoices.void(self.stripe.invoices.get(subscription["latest_invoice"]))

    def invoice_paid(self, object_id: str, invoice: Obj) -> None:
        """A paid invoice makes its subscription active again."""
        subscription = self.get(object_id)
        if subscription["status"] in ("incomplete", "past_due", "unpaid"):
            self._set(subscription, status="active")

    def invoice_failed(self, object_id: str, invoice: Obj, *, is_last: bool) -> None:
        """A failed renewal makes its subscription past due; after the last attempt it ends as the account is set."""
        subscription = self.get(object_id)
        if subscription["status"] in (*ENDED, "incomplete"):
            return
        after = self.stripe.behaviour.after_last_attempt
        if is_last and invoice["billing_reason"] == "subscription_cycle" and after == "cancel":
            self.end(subscription, reason="payment_failed")
        elif is_last and invoice["billing_reason"] == "subscription_cycle" and after == "unpaid":
            self._set(subscription, status="unpaid")
        elif subscription["status"] != "past_due":
            self._set(subscription, status="past_due")

    def put_back(self, subscription: Obj, before: Obj) -> None:
        self._set(subscription, **before)

    def _renew(self, subscription: Obj) -> None:
        names = ("items", "latest_invoice", "status")
        before = {name: deepcopy(subscription[name]) for name in names}
        self.stripe.subscription_schedules.apply_next(subscription)
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        for item in subscription["items"]["data"]:
            self.stripe.subscription_items.start_period(subscription, item, item["current_period_end"])
        pending = self.stripe.invoice_items.pending_of(subscription["customer"], subscription["id"])
        lines = [*pending, *self.stripe.subscription_items.lines(subscription)]
        self._drop_expired_discounts(subscription)
        invoice = self._invoice(
            subscription, lines, "subscription_cycle", auto_advance=subscription["status"] != "unpaid"
        )
        self.emit("updated", subscription, {name: each for name, each in before.items() if each != subscription[name]})
        self.schedule_renewal(subscription)
        if self.stripe.behaviour.finalizes_at_once and invoice["auto_advance"]:
            self.stripe.invoices.finalize_and_pay(invoice)

    def _invoice(self, subscription: Obj, lines: Sequence[Line], reason: str, **fields: Any) -> Obj:
        details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
        parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
        customer = self.stripe.customers.get(subscription["customer"])
        first = subscription["items"]["data"][0]
        invoice = self.stripe.invoices.make(
            customer, subscription["currency"], lines, reason,
            parent=parent,
            discounts=list(subscription["discounts"]),
            collection_method=subscription["collection_method"],
            period_start=first["current_period_start"],
            **fields,
        )  # fmt: skip
        subscription["latest_invoice"] = invoice["id"]
        for item in subscription["items"]["data"] if reason != "subscription_update" else []:
            self.stripe.subscription_items.note_discounts(item, subscription["discounts"])
        self._drop_used_discounts(subscription, invoice)
        return invoice

    def invoice_now(self, subscription: Obj, lines: Sequence[Line]) -> Obj:
        """An invoice between two renewals, for a change of the subscription."""
        return self._invoice(subscription, lines, "subscription_update", auto_advance=False)

    def _drop_used_discounts(self, subscription: Obj, invoice: Obj) -> None:
        """Remove the `once` coupons that this invoice has used up; one for nothing uses up none."""
        used = {each["discount"] for each in invoice["total_discount_amounts"] if each["amount"] > 0}
        once = {name for name in used if self.stripe.discounts.coupon_of(name)["duration"] == "once"}
        subscription["discounts"] = [name for name in subscription["discounts"] if name not in once]

    def _drop_expired_discounts(self, subscription: Obj) -> None:
        subscription["discounts"] = [name for name in subscription["discounts"] if self._is_valid(name)]

    def _is_valid(self, discount_id: str) -> bool:
        coupon = self.stripe.discounts.coupon_of(discount_id)
        if coupon["duration"] != "repeating":
            return True
        started_at = self.stripe.discounts.get(discount_id)["start"]
        return months_later(started_at, coupon["duration_in_months"] or 0) > self.now

    def _end_changes(self, subscription: Obj, params: Obj) -> Obj:
        """The fields that say when a subscription will end, from either of Stripe's two parameters."""
        if "cancel_at_period_end" in params:
            at_end = params["cancel_at_period_end"]
            when = self.period_end(subscription) if at_end else None
        elif "cancel_at" in params:
            at_end, named = False, params["cancel_at"]
            when = self.period_end(subscription) if isinstance(named, str) and named else named or None
        else:
            return {}
        if when is not None and when <= self.now:
            raise invalid("The cancel_at timestamp must be in the future.", "cancel_at")
        if when is not None:
            self.store.schedule(when, "cancel_at", subscription["id"])
        reason = "cancellation_requested" if when else None
        details = {**subscription["cancellation_details"], **params.get("cancellation_details", {}), "reason": reason}
        canceled_at = self.now if when else None
        flags = {"cancel_at": when, "cancel_at_period_end": at_end, "canceled_at": canceled_at}
        return {**flags, "cancellation_details": details}

    def _open(self, object_id: str) -> Obj:
        subscription = self.get(object_id)
        if subscription["status"] in ENDED:
            message = "A canceled subscription can only update its cancellation_details and metadata."
            raise invalid(message, None, "resource_missing" if subscription["status"] == "canceled" else None)
        return subscription

    def _set(self, subscription: Obj, **changes: Any) -> None:
        self.emit("updated", subscription, self.change(subscription, **changes))

    def _refuse_unsupported(self, params: Obj) -> None:
        refuse_unsupported(params, "pause_collection", "transfer_data", "add_invoice_items")
        if isinstance(params.get("billing_cycle_anchor"), int):
            raise invalid("The sandbox supports `now` and `unchanged` only.", "billing_cycle_anchor")


def _owner(subscription: Obj) -> Obj:
    return {"customer": subscription["customer"], "subscription": subscription["id"]}


def _given(params: Obj) -> Obj:
    given = params.get("billing_mode") or {}
    mode = given.get("type", "flexible")
    flexible = {"proration_discounts": "included", **(given.get("flexible") or {})} if mode == "flexible" else None
    return {
        "billing_mode": {"flexible": flexible, "type": mode},
        "collection_method": params.get("collection_method", "charge_automatically"),
        "days_until_due": params.get("days_until_due"),
        "default_payment_method": params.get("default_payment_method"),
        "description": params.get("description"),
        "metadata": metadata(params.get("metadata")),
        "trial_settings": params.get("trial_settings") or TRIAL_SETTINGS,
    }


def _blank() -> Obj:
    nothing = (
        "application", "application_fee_percent", "billing_cycle_anchor_config", "billing_thresholds", "cancel_at",
        "canceled_at", "customer_account", "days_until_due", "default_payment_method", "default_source", "description",
        "ended_at", "latest_invoice", "next_pending_invoice_item_invoice", "on_behalf_of", "pause_collection",
        "pending_invoice_item_interval", "pending_setup_intent", "pending_update", "schedule", "test_clock",
        "transfer_data", "trial_end", "trial_start",
    )  # fmt: skip
    return {
        **dict.fromkeys(nothing),
        "id": new_id("sub", 24),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "status": "incomplete",
    }
