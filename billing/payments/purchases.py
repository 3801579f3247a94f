"""Credits for payments. Each payment is booked once, whether the webhook, the success page or reconcile comes first.

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
#: Invoices that grant a month's credits: a subscription's first one and its renewals.
BEGINS_A_MONTH = ("subscription_create", "subscription_cycle")


def book_session(session: Data) -> bool:
    """Grant the packs bought on a payment page; False if it is unpaid, sells no pack or was booked before."""
    is_paid = session["status"] == "complete" and session["payment_status"] in PAID
    if session["mode"] != "payment" or not is_paid:
        return False
    user = customers.user_of(id_of(session["customer"]))
    amount = sum(_credits_of_pack(*sold) for sold in fields.sold_on_page(session))
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


def _credits_of_pack(price_id: str, quantity: int) -> int:
    sold = catalogue.sold_at(price_id)
    return sold.credits * quantity if sold and not sold.is_plan else 0


def book_invoice(invoice: Data) -> bool:
    """Grant the month that an invoice pays for, or the rest of the month after an upgrade.

    False if the invoice is unpaid, is not for one of our subscriptions or was booked before. Discounts do not
    reduce the credits, not even one of 100 %: the line's price and Stripe's status `paid` decide.
    """
    user = customers.user_of(id_of(invoice["customer"]))
    if user is None or invoice["status"] != "paid" or not fields.subscription_of(invoice):
        return False
    month = _month_of(invoice)
    if month is None:
        return False
    account = ledger.account_of(user)
    is_new = ledger.grant_month(
        account,
        month.credits,
        key=f"in:{invoice['id']}",
        note=month.plan_name,
        expires_at=month.ends_at,
        payment_intent=fields.payment_intent_of(invoice),
        invoice=invoice["id"],
    )
    if is_new:
        ledger.expire_ended(account)
        paid = {"paid": invoice["amount_paid"], "currency": invoice["currency"]}
        emails.receipt(user, month.credits, expires_at=month.ends_at, **paid)
    return is_new


@dataclass(frozen=True)
class _Month:
    credits: int
    ends_at: datetime
    plan_name: str


def _month_of(invoice: Data) -> _Month | None:
    """Return the credits of the invoice's lines together; None if there are none."""
    is_whole = invoice["billing_reason"] in BEGINS_A_MONTH
    total, last = Fraction(0), None
    for line in fields.lines_of_invoice(invoice):
        sold = catalogue.sold_at(line.price_id)
        if not sold or not sold.is_plan or not sold.price_cents:
            continue
        # A trial's line costs nothing and grants nothing. A proration line grants the part that is paid for.
        if line.is_proration:
            total += sold.credits * _share(line, sold.price_cents, invoice["currency"])
        elif is_whole and line.amount > 0:
            total += sold.credits * line.quantity
        if line.amount > 0:
            last = (line.ends_at, str(sold.product.name if sold.product else sold.key))  # type: ignore[union-attr]
    return _Month(int(total), *last) if last and total >= 1 else None


def _share(line: Line, price_cents: int, currency: str) -> Fraction:
    """Return the part of a month that a proration line pays for; negative for a line that refunds."""
    if currency == catalogue.CURRENCY:
        return Fraction(line.amount, price_cents)
    # Stripe may charge in the customer's currency, in which we have no price. Then use the line's period.
    month = line.ends_at - add_months(line.ends_at, -1)
    part = Fraction(int((line.ends_at - line.begins_at).total_seconds()), int(month.total_seconds()))
    return part if line.amount > 0 else -part
