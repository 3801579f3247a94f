"""Payments that take days, such as bank debits: under way, then paid or failed.

The caller has locked the customer (`customers.lock`) before reading from Stripe what is recorded here.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import lazy

from accounts.models import User
from billing import plans
from billing.models import CreditGrant, DelayedPayment
from billing.payments import customers, emails
from billing.payments.amounts import written, written_lazy
from billing.stripe import catalogue, client, fields
from billing.stripe.fields import Data, id_of

Status = DelayedPayment.Status
#: How long the page shows a payment that failed.
SHOWN_FOR = timedelta(days=14)
BOUGHT = (CreditGrant.Origin.PLAN, CreditGrant.Origin.PACK)


def follow_page(session: Data) -> None:
    if session["status"] != "complete":
        return
    if session["payment_status"] != "unpaid":
        succeeded(payment_intent=id_of(session["payment_intent"]))
        return
    invoice = client.invoice(id_of(session["invoice"])) if session.get("invoice") else None
    intent_id = fields.last_payment_of(invoice) if invoice else id_of(session["payment_intent"])
    product_key = (session.get("metadata") or {}).get("product", "")
    _follow(session["customer"], intent_id, product_key, invoice, was_delayed=True)


def follow_invoice(invoice: Data) -> None:
    if invoice["status"] == "paid":
        succeeded(invoice=invoice["id"])
    elif intent_id := fields.last_payment_of(invoice):
        sold = [catalogue.sold_at(line.price_id) for line in fields.lines_of_invoice(invoice) if line.amount > 0]
        _follow(invoice["customer"], intent_id, sold[-1].key if sold and sold[-1] else "", invoice)


def succeeded(**payment: str) -> None:
    """Record that a payment arrived, or that the invoice was paid in another way after it failed."""
    DelayedPayment.objects.filter(~Q(status=Status.SUCCEEDED), **payment).update(
        status=Status.SUCCEEDED, changed_at=timezone.now()
    )


def _follow(
    customer: Any, intent_id: str, product_key: str, invoice: Data | None, *, was_delayed: bool = False
) -> None:
    """Without `was_delayed`, a payment that failed before it was under way is not delayed: its card was refused."""
    user = customers.user_of(id_of(customer))
    known = DelayedPayment.objects.filter(payment_intent=intent_id).first()
    intent = client.payment_intent(intent_id) if user and intent_id else None
    if user is None or intent is None or intent["status"] == "succeeded":
        return
    status = Status.PROCESSING if intent["status"] == "processing" else Status.FAILED
    if known and known.status == status:
        return
    if status == Status.FAILED and not known and not was_delayed:
        return
    payment, _ = DelayedPayment.objects.update_or_create(
        payment_intent=intent_id,
        defaults={"status": status, "changed_at": timezone.now()},
        create_defaults={
            "user": user,
            "invoice": invoice["id"] if invoice else "",
            "product_key": product_key,
            "amount": intent["amount"],
            "currency": intent["currency"],
            "status": status,
        },
    )
    # What a failed renewal or upgrade means is in the email about the plan.
    if status == Status.FAILED and (invoice is None or invoice["billing_reason"] == "subscription_create"):
        emails.send(
            user,
            "billing/email/debit_failed",
            pay_url=(invoice or {}).get("hosted_invoice_url") or "",
            amount=written_lazy(payment.amount, payment.currency),
            bought=lazy(plans.in_words, str)(payment.product_key),
        )


def under_way(user: User) -> list[dict[str, Any]]:
    return _shown(DelayedPayment.objects.filter(user=user, status=Status.PROCESSING))


def failed_lately(user: User) -> list[dict[str, Any]]:
    """Return the payments that failed in the last days, and after which the customer has bought nothing."""
    since = timezone.now() - SHOWN_FOR
    bought = CreditGrant.objects.filter(account__user=user, origin__in=BOUGHT, created_at__gt=OuterRef("changed_at"))
    failed = DelayedPayment.objects.filter(user=user, status=Status.FAILED, changed_at__gt=since)
    return _shown(failed.filter(~Exists(bought)))


def _shown(payments: Iterable[DelayedPayment]) -> list[dict[str, Any]]:
    return [
        {
            "at": payment.changed_at,
            "bought": plans.in_words(payment.product_key),
            "amount": written(payment.amount, payment.currency),
            "invoice": payment.invoice,
        }
        for payment in payments
    ]
