"""Customers, payments and invoices that operators' programs create at Stripe, apart from what the site sells.

They bring no credits: nothing here is linked to a user or to a price of the catalogue. `key` is the idempotency
key: the same request within a day returns the same object.
"""

import logging
from typing import Any

from billing.payments import amounts
from billing.stripe import client
from billing.stripe.client import StripeBroken as StripeBroken
from billing.stripe.client import StripeBusy as StripeBusy
from billing.stripe.client import StripeError as StripeError
from billing.stripe.fields import Data
from rest.problems import Problem

logger = logging.getLogger(__name__)

PURPOSE = {"purpose": "api"}


def create_customer(key: str, *, email: str, name: str | None) -> Data:
    return client.create_customer(key=key, email=email, name=name, metadata=PURPOSE)


def create_payment_intent(
    key: str,
    *,
    amount: int,
    currency: str,
    customer: str | None = None,
    email: str | None = None,
    name: str | None = None,
    payment_method: str | None = None,
    description: str | None = None,
) -> Data:
    """Prepare a payment that a browser completes, or charge `payment_method` at once. Raises `Problem`."""
    if fault := amounts.fault_of(amount, currency):
        raise Problem("invalid", fault)
    customer_id = _customer_id(key, customer, email, name)
    charge: Data = {"automatic_payment_methods": {"enabled": True}}
    if payment_method and customer_id:
        method = client.attach_payment_method(payment_method, customer=customer_id, key=_step(key, "method"))
        # Stripe asks for a `return_url` if a method could redirect the payer. Only a browser has one.
        methods = {"enabled": True, "allow_redirects": "never"}
        charge = {"payment_method": method["id"], "confirm": True, "automatic_payment_methods": methods}
    return client.create_payment_intent(
        key=key,
        amount=amount,
        currency=currency.lower(),
        customer=customer_id,
        description=description,
        metadata=PURPOSE,
        **charge,
    )


def create_invoice(
    key: str,
    *,
    price: str,
    quantity: int,
    days_until_due: int,
    customer: str | None = None,
    email: str | None = None,
    name: str | None = None,
) -> Data:
    """Create an invoice for a price, finalise it, have Stripe email it, and return it as sent.

    If a step fails, nothing is left that the customer could pay.
    """
    currency = client.price(price)["currency"]
    draft, is_new = _draft(
        key,
        customer=_customer_id(key, customer, email, name),
        currency=currency,
        collection_method="send_invoice",
        days_until_due=days_until_due,
        auto_advance=False,
        # With the whole order in the parameters, Stripe refuses another order under the same key.
        metadata={**PURPOSE, "price": price, "quantity": str(quantity)},
    )
    try:
        return _send(draft, price, quantity)
    except StripeError:
        # An older draft may belong to a request that is still running.
        if is_new:
            _discard(draft["id"])
        raise


def _customer_id(key: str, customer: str | None, email: str | None, name: str | None) -> str | None:
    """Return `customer`, or the newest one with that address. If there is none, create one.

    Customers of the site's users are left alone: their invoices appear on the users' pages.
    """
    if customer or not email:
        return customer
    known = (each for each in client.customers_with(email) if "user" not in each["metadata"])
    found = next(known, None) or create_customer(_step(key, "customer"), email=email, name=name)
    return str(found["id"])


def _draft(key: str, **params: Any) -> tuple[Data, bool]:
    """Create an empty draft; False with the one of an earlier request with that key.

    An earlier request that failed has deleted or voided its draft. Then the key gets the next number.
    """
    number = 1
    while True:
        draft, is_new = client.create_invoice(_step(key, f"invoice-{number}"), **params)
        # Without a key, the draft can only be repeated to a retry of this very request.
        if is_new or not key or _exists(draft["id"]):
            return draft, is_new or not key
        number += 1


def _exists(invoice_id: str) -> bool:
    try:
        return bool(client.invoice(invoice_id)["status"] != "void")
    except client.StripeMissing:
        return False


def _send(draft: Data, price: str, quantity: int) -> Data:
    # The keys are the draft's own, because Stripe repeats even the error of an earlier request with the key.
    invoice_id = draft["id"]
    client.create_invoice_item(
        key=f"{invoice_id}:item",
        customer=draft["customer"],
        invoice=invoice_id,
        pricing={"price": price},
        quantity=quantity,
    )
    client.finalize_invoice(invoice_id, key=f"{invoice_id}:finalize")
    return client.send_invoice(invoice_id, key=f"{invoice_id}:send")


def _discard(invoice_id: str) -> None:
    try:
        client.delete_invoice(invoice_id)
    except StripeError:
        try:
            client.void_invoice(invoice_id)
        except StripeError:
            logger.exception("invoice %s could not be sent, and neither be deleted nor voided", invoice_id)


def _step(key: str, name: str) -> str:
    return f"{key}:{name}" if key else ""
