"""Credits for what was paid. Each payment counts once, whoever reports it: webhook, success page or reconcile.

The caller has locked the customer (`customers.lock`) before reading from Stripe what is booked here.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from billing.credits import ledger
from billing.models import CreditGrant
from billing.months import add_months
from billing.payments import customers, emails
from billing.stripe import catalogue, fields
from billing.stripe.fields import Line, id_of

Data = dict[str, Any]

PAID = ("paid", "no_payment_required")
#: The first invoice of a subscription and its renewals bring the month's credits.
BEGINS_A_MONTH = ("subscription_create", "subscription_cycle")


def book_session(session: Data) -> bool:
    """Grant the packs of a payment page; False if it is not paid, sells none or was booked before."""
    is_paid = session["status"] == "complete" and session["payment_status"] in PAID
    if session["mode"] != "payment" or not is_paid:
        return False
    user = customers.user_of(id_of(session["customer"]))
    amount = sum(_credits_of_pack(line) for line in fields.lines_of_session(session))
    if user is None or not amount:
        return False
    is_new = ledger.grant(
        ledger.account_of(user),
        amount,
        origin=CreditGrant.Origin.PACK,
        key=f"cs:{session['id']}",
        payment_intent=id_of(session["payment_intent"]),
    )
    if is_new:
        emails.receipt(user, amount, paid=session["amount_total"], currency=session["currency"])
    return is_new


def _credits_of_pack(line: Line) -> int:
    sold = catalogue.sold_at(line.price_id)
    return sold.credits * line.quantity if sold and not sold.is_plan else 0


def book_invoice(invoice: Data) -> bool:
    """Grant the month that an invoice pays for, or the rest of it after an upgrade.

    False if it is not paid, is for no subscription of ours or was booked before. A discount changes
    nothing, also one of 100 %: what counts is the line's price, and that Stripe calls the invoice paid.
    """
    user = customers.user_of(id_of(invoice["customer"]))
    if user is None or invoice["status"] != "paid" or not fields.subscription_of(invoice):
        return False
    month = _month_of(invoice)
    if month is None:
        return False
    is_new = ledger.grant(
        ledger.account_of(user),
        month.credits,
        origin=CreditGrant.Origin.PLAN,
        key=f"in:{invoice['id']}",
        note=month.plan_name,
        expires_at=month.ends_at,
        payment_intent=fields.payment_intent_of(invoice),
        invoice=invoice["id"],
    )
    if is_new:
        paid = {"paid": invoice["amount_paid"], "currency": invoice["currency"]}
        emails.receipt(user, month.credits, expires_at=month.ends_at, **paid)
    return is_new


@dataclass(frozen=True)
class _Month:
    credits: int
    ends_at: datetime
    plan_name: str


def _month_of(invoice: Data) -> _Month | None:
    """Return what the invoice's lines bring together; None if nothing."""
    is_whole = invoice["billing_reason"] in BEGINS_A_MONTH
    total, last = Fraction(0), None
    for line in fields.lines_of_invoice(invoice):
        sold = catalogue.sold_at(line.price_id)
        if not sold or not sold.is_plan or not sold.price_cents or not line.ends_at:
            continue
        # A trial's line costs nothing and brings nothing; a proration brings the share that is paid for.
        if line.is_proration:
            total += sold.credits * _share(line, sold.price_cents, invoice["currency"])
        elif is_whole and line.amount > 0:
            total += sold.credits * line.quantity
        if line.amount > 0:
            last = (line.ends_at, str(sold.product.name if sold.product else sold.key))  # type: ignore[union-attr]
    return _Month(int(total), *last) if last and total >= 1 else None


def _share(line: Line, price_cents: int, currency: str) -> Fraction:
    """Return the part of a month that a proration pays for; negative for what it gives back."""
    if currency == catalogue.CURRENCY or not line.begins_at or not line.ends_at:
        return Fraction(line.amount, price_cents)
    # Stripe can charge in the customer's own currency, in which we have no price: there the time tells.
    month = line.ends_at - add_months(line.ends_at, -1)
    part = Fraction(int((line.ends_at - line.begins_at).total_seconds()), int(month.total_seconds()))
    return part if line.amount > 0 else -part
