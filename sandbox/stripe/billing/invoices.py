"""Invoices: drafts that are finalised and paid. Failed payments are retried until the last attempt."""

from collections.abc import Sequence
from typing import Any

from sandbox.stripe.errors import StripeError, declined, invalid, refuse_unsupported
from sandbox.stripe.money import known_currency
from sandbox.stripe.resource import Resource, listed, metadata
from sandbox.stripe.store import Obj, new_id

from .invoice_email import send_email
from .invoice_lines import Line, as_line_item, share_discounts

DAY_SECONDS = 24 * 3600
FINALIZED_AFTER_SECONDS = 3600
# Days after each failed attempt until the next: four attempts in all, then the subscription ends.
RETRY_DAYS = (3, 5, 7)


class Invoices(Resource):
    kind, prefix, filters = "invoice", "in", ("customer", "status", "collection_method")

    def create(self, params: Obj) -> Obj:
        """Make an empty draft."""
        refuse_unsupported(params, "from_invoice", "transfer_data")
        if params.get("pending_invoice_items_behavior") == "include":
            raise invalid("The sandbox puts pending items on the invoices of subscriptions only.", None)
        if not params.get("customer"):
            raise invalid("You must provide a customer to create an invoice.", "customer", "parameter_missing")
        customer = self.stripe.customers.get(params["customer"], "customer")
        if params.get("collection_method") == "send_invoice" and not (
            params.get("days_until_due") or params.get("due_date")
        ):
            raise invalid(
                "If collection_method is 'send_invoice', you must specify `days_until_due`.", "days_until_due"
            )
        currency = known_currency(params.get("currency") or customer["currency"] or "usd")
        discounts = [
            self.stripe.discounts.give(each, customer=customer["id"])["id"] for each in params.get("discounts") or []
        ]
        return self.make(customer, currency, [], "manual", discounts=discounts, **_given(params, self.now))

    def make(self, customer: Obj, currency: str, lines: Sequence[Line], reason: str, **fields: Any) -> Obj:
        """A draft with these lines, for this `billing_reason`."""
        customer["currency"] = customer["currency"] or currency
        invoice = self.add(
            **{**_blank(), "period_start": self.now, "period_end": self.now, **fields},
            id=new_id("in", 24),
            billing_reason=reason,
            currency=currency,
            customer=customer["id"],
            customer_email=customer["email"],
            customer_name=customer["name"],
            customer_address=customer["address"],
            customer_tax_ids=self.store.hidden(customer["id"]).get("tax_ids", []),
        )
        url = f"/v1/invoices/{invoice['id']}/lines"
        invoice["lines"] = listed([as_line_item(line, invoice) for line in lines], url)
        self.stripe.invoice_items.take(lines, invoice)
        self.add_up(invoice)
        self.emit("created", invoice)
        if invoice["auto_advance"]:
            invoice["automatically_finalizes_at"] = self.now + FINALIZED_AFTER_SECONDS
            self.store.schedule(invoice["automatically_finalizes_at"], "finalize_invoice", invoice["id"])
        return invoice

    def add_up(self, invoice: Obj) -> None:
        """Add up a draft: lines, discounts, and the customer's balance."""
        lines = invoice["lines"]["data"]
        subtotal = sum(line["amount"] for line in lines)
        discountable = sum(line["amount"] for line in lines if line["discountable"])
        share_discounts(lines, self.stripe.discounts.off(discountable, invoice["discounts"]))
        discounts: dict[str, int] = dict.fromkeys(invoice["discounts"], 0)
        for each in (each for line in lines for each in line["discount_amounts"]):
            discounts[each["discount"]] = discounts.get(each["discount"], 0) + each["amount"]
        total = subtotal - sum(discounts.values())
        balance = (self.store.find("customer", invoice["customer"]) or {}).get("balance", 0)
        due = max(0, total + balance) if total > 0 else 0
        invoice.update(
            subtotal=subtotal, subtotal_excluding_tax=subtotal, total=total, total_excluding_tax=total,
            total_discount_amounts=[{"amount": amount, "discount": name} for name, amount in discounts.items()],
            starting_balance=balance, amount_due=due, amount_remaining=due - invoice["amount_paid"],
        )  # fmt: skip

    def finalize(self, params: Obj, object_id: str) -> Obj:
        """Close a draft: it gets a number and its page."""
        invoice = self._in_state(object_id, "draft")
        if "auto_advance" in params:
            invoice["auto_advance"] = params["auto_advance"]
        self.add_up(invoice)
        self._close(invoice)
        if invoice["amount_due"] == 0:
            self._mark_paid(invoice)
        elif invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically":
            self.store.schedule(self.now + FINALIZED_AFTER_SECONDS, "retry_invoice", invoice["id"])
        return invoice

    def finalize_and_pay(self, invoice: Obj) -> bool:
        """Close a draft and charge it at once; False when it could not be paid."""
        self.add_up(invoice)
        self._close(invoice)
        return self.attempt(invoice)

    def finalize_paid(self, invoice: Obj, intent: Obj | None) -> None:
        """Finalise a draft that is paid already: by this payment, or free."""
        self.add_up(invoice)
        self._close(invoice)
        if intent:
            self.stripe.invoice_payments.link(invoice, intent)
        self._mark_paid(invoice, intent)

    def finalizing_due(self, object_id: str) -> None:
        """Finalise a draft whose hour is over, and charge or send it."""
        invoice = self.store.find(self.kind, object_id)
        if invoice and invoice["status"] == "draft" and invoice["auto_advance"]:
            self.add_up(invoice)
            self._close(invoice)
            if invoice["collection_method"] == "charge_automatically" or invoice["amount_due"] == 0:
                self.attempt(invoice)
            else:
                self.send({}, object_id)

    def attempt_due(self, object_id: str) -> None:
        """Retry an open invoice, unless another attempt has been planned since."""
        invoice = self.store.find(self.kind, object_id)
        planned = invoice and invoice["next_payment_attempt"] in (None, self.now)
        if invoice and planned and invoice["status"] == "open" and invoice["auto_advance"]:
            self.attempt(invoice)

    def attempt(self, invoice: Obj, method: Obj | None = None) -> bool:
        """Try to charge an open invoice. Returns False on failure, and plans the next attempt if there is one."""
        if invoice["amount_remaining"] == 0:
            self._mark_paid(invoice)
            return True
        intent = self.stripe.invoice_payments.intent_of(invoice)
        if intent["status"] == "processing":
            return False
        invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
        method = method or self._default_method(invoice)
        if method and self.stripe.payment_intents.attempt(intent, method) and intent["status"] != "requires_action":
            return bool(intent["status"] == "succeeded")
        self._failed(invoice)
        if intent["status"] == "requires_action":
            self.emit("payment_action_required", invoice)
        return False

    def pay(self, params: Obj, object_id: str) -> Obj:
        """Collect an invoice now."""
        refuse_unsupported(params, "paid_out_of_band", "forgive")
        invoice = self.get(object_id)
        if invoice["status"] == "draft":
            self.add_up(invoice)
            self._close(invoice)
        if invoice["status"] != "open":
            raise invalid(f"Invoice is already {invoice['status']}", None, "invoice_not_editable")
        named = params.get("payment_method")
        method = self.stripe.payment_methods.usable(named) if named else None
        if self.attempt(invoice, method) or self.stripe.invoice_payments.intent_of(invoice)["status"] == "processing":
            return invoice
        raise self.payment_error(invoice, "invoice")

    def payment_error(self, invoice: Obj, owner: str) -> StripeError:
        """Why an invoice could not be paid: the card was declined, or needs its owner's authentication."""
        intent = self.stripe.invoice_payments.intent_of(invoice)
        if intent["status"] == "requires_action":
            message = "This payment requires additional user action before it can be completed successfully."
            return StripeError(402, message, kind="card_error", code=f"{owner}_payment_intent_requires_action")
        code = self.store.hidden(intent["id"]).get("declines", "card_declined")
        return declined(code, charge=intent["latest_charge"])

    def payment_ended(self, intent: Obj) -> None:
        """A payment has succeeded, or failed after it was under way: so has the invoice that it pays, if any."""
        invoice_id = self.stripe.invoice_payments.invoice_of(intent["id"])
        if not invoice_id:
            return
        invoice = self.get(invoice_id)
        if intent["status"] == "succeeded":
            self._mark_paid(invoice, intent)
        else:
            self._failed(invoice)

    def send(self, params: Obj, object_id: str) -> Obj:
        """Email an invoice, finalised first if it is a draft. The email is shown at /mail/."""
        invoice = self.get(object_id)
        if not invoice["customer_email"]:
            raise invalid("The customer has no email address: the invoice cannot be sent.", "customer")
        if invoice["status"] == "draft":
            self.finalize({}, object_id)
        if invoice["status"] not in ("open", "paid"):
            raise invalid(f"You cannot send an invoice that is {invoice['status']}.")
        send_email(invoice)
        self.emit("sent", invoice)
        return invoice

    def void_open(self, params: Obj, object_id: str) -> Obj:
        """Cancel an invoice that is finalised and unpaid."""
        invoice = self.get(object_id)
        if invoice["status"] not in ("open", "uncollectible"):
            raise invalid(f"You can only void open invoices; this one is {invoice['status']}.", None)
        self.void(invoice)
        return invoice

    def void(self, invoice: Obj) -> None:
        invoice.update(status="void", next_payment_attempt=None)
        invoice["status_transitions"] = {**invoice["status_transitions"], "voided_at": self.now}
        self.emit("voided", invoice)

    def delete(self, params: Obj, object_id: str) -> Obj:
        invoice = self._in_state(object_id, "draft")
        self.store.remove(invoice)
        self.emit("deleted", invoice)
        return {"id": object_id, "object": self.kind, "deleted": True}

    def matches(self, obj: Obj, params: Obj) -> bool:
        wanted = params.get("subscription")
        return super().matches(obj, params) and wanted in (None, self.subscription_id(obj))

    def subscription_id(self, invoice: Obj) -> str | None:
        details = (invoice["parent"] or {}).get("subscription_details") or {}
        return details.get("subscription")

    def _default_method(self, invoice: Obj) -> Obj | None:
        """What an invoice is charged to: its own card, else the subscription's, else the customer's."""
        subscription = self.store.find("subscription", self.subscription_id(invoice) or "") or {}
        preferred = invoice["default_payment_method"] or subscription.get("default_payment_method")
        return self.stripe.payment_methods.default_of(invoice["customer"], preferred)

    def _in_state(self, object_id: str, *states: str) -> Obj:
        invoice = self.get(object_id)
        if invoice["status"] not in states:
            message = f"This invoice is {invoice['status']}; it would have to be {' or '.join(states)}."
            raise invalid(message, None, "invoice_not_editable")
        return invoice

    def _close(self, invoice: Obj) -> None:
        customer = self.stripe.customers.get(invoice["customer"])
        number = customer.get("next_invoice_sequence", 1)
        if not customer.get("deleted"):
            customer["next_invoice_sequence"] = number + 1
            self._use_balance(invoice, customer)
        page_url = f"{self.stripe.base_url}/stripe/invoices/{invoice['id']}"
        invoice.update(
            status="open", number=f"{customer.get('invoice_prefix', 'DELETED')}-{number:04}", effective_at=self.now,
            hosted_invoice_url=page_url, invoice_pdf=page_url, automatically_finalizes_at=None,
        )  # fmt: skip
        invoice["status_transitions"] = {**invoice["status_transitions"], "finalized_at": self.now}
        self.emit("finalized", invoice)

    def _use_balance(self, invoice: Obj, customer: Obj) -> None:
        """Book the difference between total and amount due on the customer's balance."""
        customer["balance"] += invoice["total"] - invoice["amount_due"]
        invoice["ending_balance"] = customer["balance"]

    def _mark_paid(self, invoice: Obj, intent: Obj | None = None) -> None:
        paid = intent["amount_received"] if intent else invoice["amount_due"]
        invoice.update(status="paid", amount_paid=paid, amount_remaining=0, attempted=True, next_payment_attempt=None)
        invoice["status_transitions"] = {**invoice["status_transitions"], "paid_at": self.now}
        if intent:
            self.stripe.invoice_payments.mark_paid(invoice, intent)
        self.emit("paid", invoice)
        self.emit("payment_succeeded", invoice)
        if subscription := self.subscription_id(invoice):
            self.stripe.subscriptions.invoice_paid(subscription, invoice)

    def _failed(self, invoice: Obj) -> None:
        tried = invoice["attempt_count"]
        follows = invoice["billing_reason"] == "subscription_cycle" and tried <= len(RETRY_DAYS)
        invoice["next_payment_attempt"] = self.now + RETRY_DAYS[tried - 1] * DAY_SECONDS if follows else None
        if follows:
            self.store.schedule(invoice["next_payment_attempt"], "retry_invoice", invoice["id"])
        self.emit("payment_failed", invoice)
        if subscription := self.subscription_id(invoice):
            self.stripe.subscriptions.invoice_failed(subscription, invoice, is_last=not follows)


def _given(params: Obj, now: int) -> Obj:
    days = params.get("days_until_due")
    subscription = params.get("subscription")
    details: Obj = {"metadata": {}, "subscription": subscription}
    parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
    return {
        "auto_advance": params.get("auto_advance", False),
        "collection_method": params.get("collection_method", "charge_automatically"),
        "custom_fields": params.get("custom_fields") or None,
        "default_payment_method": params.get("default_payment_method"),
        "description": params.get("description"),
        "due_date": params.get("due_date") or (now + days * DAY_SECONDS if days else None),
        "footer": params.get("footer"),
        "metadata": metadata(params.get("metadata")),
        "parent": parent if subscription else None,
    }


def _blank() -> Obj:
    nothing = (
        "account_name", "account_tax_ids", "application", "automatically_finalizes_at", "custom_fields",
        "customer_account", "customer_phone", "customer_shipping", "default_payment_method", "default_source",
        "description", "due_date", "effective_at", "ending_balance", "footer", "from_invoice",
        "hosted_invoice_url", "invoice_pdf", "last_finalization_error", "latest_revision",
        "next_payment_attempt", "number", "on_behalf_of", "parent", "receipt_number", "rendering",
        "shipping_cost", "shipping_details", "statement_descriptor", "test_clock", "total_taxes",
        "webhooks_delivered_at",
    )  # fmt: skip
    zero = (
        "amount_due", "amount_overpaid", "amount_paid", "amount_remaining", "amount_shipping", "attempt_count",
        "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance",
    )  # fmt: skip
    nothing_yet = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
    return {
        **dict.fromkeys(nothing),
        **dict.fromkeys(zero, 0),
        "account_country": "US",
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "collection_method": "charge_automatically",
        "customer_tax_exempt": "none",
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "status": "draft",
        "status_transitions": dict.fromkeys(nothing_yet),
        "total_pretax_credit_amounts": [],
    }
