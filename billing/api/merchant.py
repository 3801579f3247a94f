"""Customers, payments and invoices that operators' programs create at Stripe, apart from what the site sells.

They bring no credits: nothing here is linked to a user or to a price of the catalogue. `key` is the idempotency
key: the same request within a day returns the same object. Each step of an invoice has a key of its own.
"""

from typing import Any

from billing.payments import amounts
from billing.stripe import client
from billing.stripe.client import StripeError as StripeError

Data = dict[str, Any]
PURPOSE = {"purpose": "api"}


class BadAmount(Exception):
    """The amount cannot be charged in that currency; the message says why."""


def create_customer(key: str, *, email: str, name: str | None) -> Data:
    return client.create_customer(key, email=email, name=name, metadata=PURPOSE)


def create_payment_intent(key: str, *, amount: int, currency: str, **optional: str | None) -> Data:
    """Prepare a payment that a browser completes with its client secret. Raises `BadAmount`."""
    if fault := amounts.fault_of(amount, currency):
        raise BadAmount(fault)
    return client.create_payment_intent(
        key,
        amount=amount,
        currency=currency.lower(),
        automatic_payment_methods={"enabled": True},
        metadata=PURPOSE,
        **optional,
    )


def create_invoice(key: str, *, customer: str, price: str, quantity: int, days_until_due: int) -> Data:
    """Create an invoice for a price, finalise it, have Stripe email it, and return it as sent.

    The invoice is created before its item: Stripe adds pending items only if asked to.
    """
    draft = client.create_invoice(
        f"{key}:invoice" if key else "",
        customer=customer,
        collection_method="send_invoice",
        days_until_due=days_until_due,
        auto_advance=False,
        metadata=PURPOSE,
    )
    client.create_invoice_item(
        f"{key}:item" if key else "",
        customer=customer,
        invoice=draft["id"],
        pricing={"price": price},
        quantity=quantity,
    )
    client.finalize_invoice(draft["id"], f"{key}:finalize" if key else "")
    return client.send_invoice(draft["id"], f"{key}:send" if key else "")
