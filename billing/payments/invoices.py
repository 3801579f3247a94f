"""A customer's invoices for plans and receipts for packs, from dj-stripe's copies of Stripe's objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from djstripe.models import Charge, Invoice

from accounts.models import User
from billing.models import CreditGrant
from billing.payments.amounts import written

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


def bills_of(user: User) -> list[Bill]:
    """Return the user's newest invoices and receipts, newest first. Does not call Stripe."""
    found = [*_invoices(user), *_receipts(user)]
    return sorted(found, key=lambda bill: bill.at, reverse=True)[:SHOWN]


def _invoices(user: User) -> Iterator[Bill]:
    for row in Invoice.objects.filter(customer__subscriber=user).order_by("-created")[: 2 * SHOWN]:
        data = row.stripe_data
        if data["status"] in _STATES:
            yield Bill(
                at=row.created,
                name=data.get("number") or _("Invoice"),
                amount=written(data["total"], data["currency"]),
                state=_STATES[data["status"]],
                url=data.get("hosted_invoice_url") or "",
                is_open=data["status"] == "open",
            )


def _receipts(user: User) -> Iterator[Bill]:
    packs = CreditGrant.objects.filter(account__user=user, origin=CreditGrant.Origin.PACK).exclude(payment_intent="")
    paid = Charge.objects.filter(customer__subscriber=user, status="succeeded")
    for row in paid.filter(payment_intent__in=packs.values("payment_intent")).order_by("-created")[:SHOWN]:
        data = row.stripe_data
        yield Bill(
            at=row.created,
            name=_("Credit pack receipt"),
            amount=written(data["amount"], data["currency"]),
            state=_state_of(data),
            url=data.get("receipt_url") or "",
        )


def _state_of(charge: dict[str, Any]) -> str | Promise:
    if charge.get("refunded"):
        return _("Refunded")
    if charge.get("disputed"):
        return _("Disputed")
    return _("Partly refunded") if charge.get("amount_refunded") else _("Paid")
