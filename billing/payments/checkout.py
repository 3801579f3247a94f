"""Stripe's payment page and customer portal: the URLs to send the customer to, and what to book when they return."""

import re
import uuid
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import User
from billing.payments import customers, settlement
from billing.plans import Pack, Sellable
from billing.stripe import catalogue, client, fields, portal
from billing.stripe.client import StripeError as StripeError
from billing.stripe.fields import Data, id_of

#: Stripe replaces this with the session's id.
SESSION_ID = "{CHECKOUT_SESSION_ID}"
_SESSION_ID = re.compile(r"cs_\w{1,250}", re.ASCII)


class AlreadySubscribed(Exception):
    """The customer already has a paid plan, which can be changed in the portal."""


class NothingToManage(Exception):
    """The customer has never paid: there are no cards and no invoices."""


class NotYours(Exception):
    """The payment page belongs to another customer."""


def new_session(user: User, product: Sellable, language: str) -> Data:
    """Return Stripe's session for a new page on which the user pays for a plan or a pack.

    Raises `AlreadySubscribed`, and `StripeError` if Stripe cannot prepare the page. Calls Stripe: do not use it
    inside a transaction.
    """
    price_id = catalogue.price_id_of(product)
    customer_id = customers.customer_of(user, language)
    if not isinstance(product, Pack):
        # Ask Stripe, not our database: the webhook of a payment in another tab may not have arrived yet.
        subscriptions = client.subscriptions_of(customer_id)
        if any(each["status"] in fields.LIVE for each in subscriptions):
            raise AlreadySubscribed
    session = create_session(user, customer_id, product, price_id, language)
    return session if isinstance(product, Pack) else _only_open(customer_id, session)


def create_session(user: User, customer_id: str, product: Sellable, price_id: str, language: str) -> Data:
    return client.create_session(
        key=f"checkout:{uuid.uuid4()}",
        customer=customer_id,
        client_reference_id=str(user.public_id),
        line_items=[{"price": price_id, "quantity": 1}],
        allow_promotion_codes=True,
        locale=language,
        success_url=f"{_url('success')}?session={SESSION_ID}",
        cancel_url=_url("cancelled"),
        metadata={"product": product.key},
        automatic_tax={"enabled": settings.STRIPE_AUTOMATIC_TAX},
        tax_id_collection={"enabled": True},
        # Stripe requires it for both: what a business enters as its name and address is on its invoices.
        customer_update={"name": "auto", "address": "auto"},
        custom_text={"submit": {"message": _agreement()}},
        **_terms(product),
    )


def _agreement() -> str:
    """Return the text next to the button to pay. Stripe's own consent needs an address in its dashboard first."""
    text = gettext("By paying you agree to our terms of service, %(terms)s, and our refund policy, %(refunds)s.")
    return text % {name: settings.SITE_URL + reverse(f"legal:{name}") for name in ("terms", "refunds")}


def _terms(product: Sellable) -> dict[str, Any]:
    metadata = {"product": product.key}
    if isinstance(product, Pack):
        invoice = {"enabled": True, "invoice_data": {"metadata": metadata}}
        return {"mode": "payment", "payment_intent_data": {"metadata": metadata}, "invoice_creation": invoice}
    return {"mode": "subscription", "subscription_data": {"metadata": metadata}}


def _only_open(customer_id: str, session: Data) -> Data:
    """Expire all open pages for a plan except the newest, and return that. So two tabs can't start two subscriptions.

    Two requests at the same time may both see both pages. They choose the same one, because Stripe lists the newest
    first even within a second.
    """
    pages = [each for each in client.open_sessions(customer_id) if each["mode"] == "subscription"]
    newest, *others = pages or [session]
    for other in others:
        client.expire_session(other["id"])
    return newest


def portal_for(user: User, language: str, return_to: str) -> str:
    """Return the URL of Stripe's page for the user's cards, invoices and plan, which links back to `return_to`.

    Raises `NothingToManage`.
    """
    if not customers.known_customer_of(user):
        raise NothingToManage
    customer_id = customers.customer_of(user, language)
    page = client.create_portal_session(
        customer=customer_id, return_url=return_to, locale=language, configuration=portal.configuration_id()
    )
    return str(page["url"])


def confirm(user: User, session_id: str) -> Data:
    """Book what the user has just paid, without waiting for the webhook; return the page's session.

    Raises `NotYours` if the page is another user's or does not exist.
    """
    if not _SESSION_ID.fullmatch(session_id):
        raise NotYours
    try:
        session = client.session(session_id)
    except client.StripeRefused as refused:
        raise NotYours from refused
    customer_id = id_of(session["customer"])
    if customers.user_of(customer_id) != user:
        raise NotYours
    if session["status"] == "complete":
        settlement.settle_session(session_id, customer_id)
    return session


def _url(name: str) -> str:
    return settings.SITE_URL + reverse(f"billing:{name}")
