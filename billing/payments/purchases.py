"""Credits for payments. Each payment is booked once, whether the webhook, the success page or reconcile comes first.

The caller has locked the customer (`customers.lock`) before reading from Stripe what is booked here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from accounts.models import User
from billing.credits import ledger
from billing.models import CreditGrant, Membership
from billing.months import LONGEST_MONTH, month_around, months_since
from billing.payments import customers, emails
from billing.stripe import catalogue, fields
from billing.stripe.fields import Data, Line, id_of

PAID = ("paid", "no_payment_required")
SECOND = timedelta(seconds=1)


def book_session(session: Data) -> bool:
    """Grant the packs bought on a payment page; False if it is unpaid, sells no pack or was booked before."""
    is_paid = session["status"] == "complete" and session["payment_status"] in PAID
    if session["mode"] != "payment" or not is_paid:
        return False
    user = customers.user_of(id_of(session["customer"]))
    amount = sum(_credits_of_pack(*sold) for sold in fields.sold_on_page(session))
    if user is None or not amount:
        return False
    tax = (session.get("total_details") or {}).get("amount_tax", 0)
    is_new = ledger.grant(
        ledger.account_of(user),
        amount,
        origin=CreditGrant.Origin.PACK,
        key=f"cs:{session['id']}",
        payment_intent=id_of(session["payment_intent"]),
        invoice=id_of(session.get("invoice")),
        paid_cents=_us_cents(session, session["amount_total"] - tax),
    )
    if is_new:
        emails.receipt(user, amount, paid=session["amount_total"], currency=session["currency"])
    return is_new


def _without_tax(invoice: Data) -> int:
    """Return the total before tax; Stripe may leave it out."""
    total = invoice.get("total_excluding_tax")
    return int(invoice["amount_paid"] if total is None else total)


def _us_cents(payment: Data, amount: int) -> int:
    """Return the amount for the operators' figures, which leave out other currencies. Our prices are in US dollars."""
    return amount if payment["currency"] == "usd" else 0


def _credits_of_pack(price_id: str, quantity: int) -> int:
    sold = catalogue.sold_at(price_id)
    return sold.credits * quantity if sold and not sold.is_plan else 0


def book_invoice(invoice: Data) -> bool:
    """Grant the month that an invoice pays for, or the rest of the month after an upgrade.

    False if the invoice is unpaid, is not for one of our subscriptions or was booked before.
    """
    user = customers.user_of(id_of(invoice["customer"]))
    if user is None or invoice["status"] != "paid" or not fields.subscription_of(invoice):
        return False
    month = _month_of(invoice, user)
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
        paid_cents=_us_cents(invoice, min(invoice["amount_paid"], _without_tax(invoice))),
        later_credits=month.later_credits,
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
    #: What `reset_quotas` grants in the later months of a year.
    later_credits: int


def _month_of(invoice: Data, user: User) -> _Month | None:
    """Return what the invoice's lines add up to; None if that is nothing.

    A whole period brings its month. A proration brings the part of a month that it covers, or takes it back if it
    credits unused time. The share is by time, because a coupon lowers only the amount (docs/decisions/0019).
    """
    lines = [line for line in fields.lines_of_invoice(invoice) if line.begins_at < line.ends_at]
    plans = [(line, plan) for line in lines if (plan := catalogue.sold_at(line.price_id)) and plan.is_plan]
    highest_price = max((plan.price_cents for _, plan in plans), default=0)
    total, later, last = Fraction(0), 0, None
    for line, plan in plans:
        sign = _sign(line, is_dearest=plan.price_cents == highest_price)
        starts_at, ends_at = _month_around(line, user)
        covered = min(line.ends_at, ends_at) - line.begins_at
        total += sign * plan.credits * line.quantity * Fraction(covered // SECOND, (ends_at - starts_at) // SECOND)
        later += sign * plan.credits * line.quantity * max(0, months_since(ends_at, line.ends_at))
        if sign > 0 and (last is None or ends_at > last[0]):
            last = (ends_at, plan.name)
    if last is None or (total < 1 and later <= 0):
        return None
    # In the last minutes of a month, an upgrade of a year brings less than a credit now and the rest later.
    return _Month(max(1, round(total)), *last, max(0, later))


def _sign(line: Line, *, is_dearest: bool) -> int:
    """Return 1 for a line that charges, -1 for one that credits unused time, 0 for a free one, such as a trial's."""
    if line.is_proration and line.is_discounted and not line.amount:
        # The discount was 100 %, so the amount has no sign. Customers upgrade at once; a downgrade waits.
        return 1 if is_dearest else -1
    return (line.amount > 0) - (line.amount < 0)


def _month_around(line: Line, user: User) -> tuple[datetime, datetime]:
    """Return start and end of the month for which a line pays: of a longer period, the month in which it begins."""
    starts_at, ends_at = line.begins_at, line.ends_at
    if line.is_proration:
        # Stripe's lines do not say when the period began, and the months of a plan begun on a 31st differ in length.
        period = Membership.objects.filter(user=user, period_end=ends_at).first()
        starts_at = period.period_start if period else month_around(ends_at, line.begins_at)[0]
    return (starts_at, ends_at) if ends_at - starts_at <= LONGEST_MONTH else month_around(starts_at, line.begins_at)
