"""A customer's payments, and refunds of them by operators. The credits follow when Stripe reports the refund."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.models import User
from billing.payments import customers
from billing.payments.amounts import written
from billing.stripe import client, fields
from billing.stripe.client import StripeError as StripeError


@dataclass(frozen=True)
class Payment:
    """A payment of which some is not refunded. Amounts are in the currency's smallest unit."""

    id: str
    at: datetime
    amount: int
    left: int
    currency: str

    def __str__(self) -> str:
        paid = f"{date_format(self.at)} · {written(self.amount, self.currency)}"
        if self.left == self.amount:
            return paid
        left = gettext("%(amount)s left") % {"amount": written(self.left, self.currency)}
        return f"{paid} ({left})"


def refundable_payments(user: User) -> list[Payment]:
    """Return the user's payments, newest first, except disputed ones, which the bank has. Raises `StripeError`."""
    customer_id = customers.known_customer_of(user)
    charges = client.charges_of(customer_id) if customer_id else []
    return [
        Payment(
            id=fields.id_of(charge["payment_intent"]),
            at=fields.moment(charge["created"]),
            amount=charge["amount_captured"],
            left=charge["amount_captured"] - charge["amount_refunded"],
            currency=charge["currency"],
        )
        for charge in charges
        if charge["paid"] and not charge["disputed"] and charge["amount_captured"] > charge["amount_refunded"]
    ]


def refund(payment: Payment, amount: int, *, reason: str, key: str) -> None:
    """Refund a payment at Stripe, in full or in part. The same key again does nothing. Raises `StripeError`."""
    client.create_refund(payment_intent=payment.id, key=key, amount=amount, reason=reason)
