"""A customer's invoices for plans and receipts for packs, from dj-stripe's copies of Stripe's objects."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from djstripe.models import Charge, Invoice

from accounts.models import User
from billing.models import CreditGrant, DelayedPayment
from billing.payments.amounts import written
from billing.payments.refunds import NO_MONEY_MOVED

#: Older ones are in Stripe's portal.
SHOWN = 12
#: Drafts and void invoices are not shown.
_STATES = {"paid": _("Paid"), "open": _("Not paid yet"), "uncollectible": _("Not paid")}


@dataclass(frozen=True)
class Bill:
    """One invoice or receipt. `url` is its page at Stripe, where an open invoice can be paid."""

    at: datetime
    name: str | Promise
    amount: str
    state: str | Promise
    url: str
    is_open: bool = False


def bills_of(user: User, under_way: Collection[str] = ()) -> list[Bill]:
    """Return the user's newest invoices and receipts, newest first. Does not call Stripe.

    `under_way` are the ids of the invoices whose payment is under way.
    """
    found = [*_invoices(user, under_way), *_receipts(user)]
    return sorted(found, key=lambda bill: bill.at, reverse=True)[:SHOWN]


def _invoices(user: User, under_way: Collection[str]) -> Iterator[Bill]:
    charges = _charges_of_invoices(user)
    for row in Invoice.objects.filter(customer__subscriber=user).order_by("-created")[: 2 * SHOWN]:
        data = row.stripe_data
        state = charges[row.id] if data["status"] == "paid" and row.id in charges else _STATES.get(data["status"])
        if state:
            yield Bill(
                at=row.created,
                name=data.get("number") or _("Invoice"),
                amount=written(data["total"], data["currency"]),
                state=DelayedPayment.Status.PROCESSING.label if row.id in under_way else state,
                url=data.get("hosted_invoice_url") or "",
                is_open=data["status"] == "open" and row.id not in under_way,
            )


def _charges_of_invoices(user: User) -> dict[str, str | Promise]:
    """Return the state of the charge of each invoice: refunding a charge does not change the invoice."""
    granted = CreditGrant.objects.filter(account__user=user).exclude(invoice="").exclude(payment_intent="")
    invoices = dict(granted.values_list("payment_intent", "invoice"))
    charges = Charge.objects.filter(customer__subscriber=user, status="succeeded", payment_intent__in=invoices)
    return {invoices[row.payment_intent_id]: _state_of(row) for row in charges.prefetch_related("disputes")}


def _receipts(user: User) -> Iterator[Bill]:
    # Packs that were bought before they had invoices.
    packs = CreditGrant.objects.filter(account__user=user, origin=CreditGrant.Origin.PACK, invoice="")
    packs = packs.exclude(payment_intent="")
    paid = Charge.objects.filter(customer__subscriber=user, status="succeeded")
    for row in (
        paid.filter(payment_intent__in=packs.values("payment_intent"))
        .prefetch_related("disputes")
        .order_by("-created")[:SHOWN]
    ):
        data = row.stripe_data
        yield Bill(
            at=row.created,
            name=_("Credit pack receipt"),
            amount=written(data["amount"], data["currency"]),
            state=_state_of(row),
            url=data.get("receipt_url") or "",
        )


def _state_of(row: Charge) -> str | Promise:
    charge = row.stripe_data
    if charge.get("refunded"):
        return _("Refunded")
    # The charge itself stays "disputed" after a dispute that we have won.
    if any(dispute.stripe_data["status"] not in (*NO_MONEY_MOVED, "won") for dispute in row.disputes.all()):
        return _("Disputed")
    return _("Partly refunded") if charge.get("amount_refunded") else _("Paid")
