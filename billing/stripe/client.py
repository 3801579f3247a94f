"""Stripe's API: the one module that calls the SDK. Plain dicts out, shaped as in Stripe's reference.

Amounts are in the currency's smallest unit, times are Unix seconds. Every function raises
`StripeTrouble`. https://docs.stripe.com/api
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import stripe
from django.conf import settings

Data = dict[str, Any]

#: Seconds to connect, and to wait for an answer. The SDK's own 80 s would hold a web thread too long.
TIMEOUT = (5.0, 25.0)
RETRIES = 2
#: What dj-stripe mirrors and `billing.stripe.events` book; https://docs.stripe.com/api/events/types
EVENTS = (
    "charge.dispute.closed charge.dispute.created charge.dispute.funds_reinstated charge.dispute.funds_withdrawn "
    "charge.refunded charge.succeeded checkout.session.async_payment_failed checkout.session.async_payment_succeeded "
    "checkout.session.completed checkout.session.expired customer.deleted customer.subscription.created "
    "customer.subscription.deleted customer.subscription.paused customer.subscription.resumed "
    "customer.subscription.updated customer.updated invoice.finalization_failed invoice.finalized invoice.paid "
    "invoice.payment_action_required invoice.payment_failed invoice.payment_succeeded invoice.updated "
    "payment_method.attached payment_method.detached price.created price.updated product.created product.updated "
    "refund.created refund.failed refund.updated"
).split()


class StripeTrouble(Exception):
    """Stripe did not do what was asked; the text is Stripe's own."""


class StripeRefused(StripeTrouble):
    """The request can never succeed as it is; `code` is Stripe's, e.g. resource_missing."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code

    @property
    def is_missing(self) -> bool:
        """Return whether the request named something that does not exist (any more)."""
        return self.code == "resource_missing"


class StripeBusy(StripeTrouble):
    """Stripe cannot be reached or has too much to do: the same request may succeed later."""


class StripeBroken(StripeTrouble):
    """Our key is missing or refused: an operator must act."""


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeBusy(_words(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise StripeBroken(_words(error)) from error
    except stripe.StripeError as error:
        if (error.http_status or 500) >= 500:
            raise StripeBusy(_words(error)) from error
        raise StripeRefused(_words(error), error.code or "") from error


def _words(error: stripe.StripeError) -> str:
    return error.user_message or str(error)


@cache
def _http() -> stripe.HTTPClient:
    return stripe.RequestsClient(timeout=TIMEOUT)


def bound_all_calls() -> None:
    """Give dj-stripe's calls, which go through the SDK's global client, our time limits and retries."""
    stripe.default_http_client = _http()
    stripe.max_network_retries = RETRIES


def _api() -> Any:
    if not settings.STRIPE_ENABLED:
        raise StripeBroken("Payments are not set up: STRIPE_SECRET_KEY is not set.")
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_HOST).v1


@cache
def _client(key: str, host: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": host},
        stripe_version=settings.STRIPE_API_VERSION,
        max_network_retries=RETRIES,
        http_client=_http(),
    )


def _ask(method: Callable[..., Any], *ids: str, key: str = "", **params: Any) -> Data:
    """Call `method` with what is given; `key` makes asking again within a day do nothing new."""
    given = {name: value for name, value in params.items() if value is not None}
    options = {"idempotency_key": key} if key else {}
    with _our_errors():
        answer: Data = method(*ids, params=given, options=options).to_dict(for_json=True)
    return answer


def _all(method: Callable[..., Any], **params: Any) -> list[Data]:
    """Return every element of a list, however many pages it has."""
    with _our_errors():
        return [each.to_dict(for_json=True) for each in method(params={"limit": 100, **params}).auto_paging_iter()]


# The account


def account() -> Data:
    """Return whose key ours is."""
    return _ask(_api().accounts.retrieve_current)


def webhook_endpoints() -> list[Data]:
    """Return the addresses that Stripe sends events to."""
    return _all(_api().webhook_endpoints.list)


def create_webhook_endpoint(url: str, description: str) -> Data:
    """Have our events sent to `url`; only this answer has the signing `secret`."""
    return _ask(
        _api().webhook_endpoints.create,
        url=url,
        enabled_events=list(EVENTS),
        api_version=settings.STRIPE_API_VERSION,
        description=description,
    )


def update_webhook_endpoint(endpoint_id: str) -> Data:
    """Have exactly our events sent to an address that is known."""
    return _ask(_api().webhook_endpoints.update, endpoint_id, enabled_events=list(EVENTS), disabled=False)


# The catalogue


def prices(lookup_keys: Sequence[str]) -> list[Data]:
    """Return the prices that are sold under these lookup_keys, at most one each."""
    return _all(_api().prices.list, lookup_keys=list(lookup_keys), active=True)


def price(price_id: str) -> Data:
    """Return one price."""
    return _ask(_api().prices.retrieve, price_id)


def create_price(**params: Any) -> Data:
    """Make a price; it takes its lookup_key away from the price that had it."""
    return _ask(_api().prices.create, transfer_lookup_key=True, **params)


def product(product_id: str) -> Data:
    """Return one product."""
    return _ask(_api().products.retrieve, product_id)


def create_product(product_id: str, name: str, metadata: Mapping[str, str]) -> Data:
    """Make a product under an id of our own."""
    return _ask(_api().products.create, id=product_id, name=name, metadata=dict(metadata))


def update_product(product_id: str, name: str, metadata: Mapping[str, str]) -> Data:
    """Put a product on sale under a name."""
    return _ask(_api().products.update, product_id, name=name, metadata=dict(metadata), active=True)


# Customers


def customer(customer_id: str) -> Data:
    """Return one customer; of a deleted one only the id is left, and `deleted`."""
    return _ask(_api().customers.retrieve, customer_id)


def create_customer(key: str, **params: Any) -> Data:
    """Make a customer, once for each `key`."""
    return _ask(_api().customers.create, key=key, **params)


def update_customer(customer_id: str, **params: Any) -> Data:
    """Change a customer's address or language."""
    return _ask(_api().customers.update, customer_id, **params)


# Hosted pages


def create_session(key: str, **params: Any) -> Data:
    """Prepare a page on which the customer pays; its address is `url`."""
    return _ask(_api().checkout.sessions.create, key=key, **params)


def session(session_id: str) -> Data:
    """Return one payment page with what is bought on it."""
    return _ask(_api().checkout.sessions.retrieve, session_id, expand=["line_items"])


def open_sessions(customer_id: str) -> list[Data]:
    """Return the customer's pages that wait for payment."""
    return _all(_api().checkout.sessions.list, customer=customer_id, status="open")


def sessions_since(moment: int) -> list[Data]:
    """Return all completed pages that were made since `moment`."""
    return _all(_api().checkout.sessions.list, created={"gte": moment}, status="complete")


def sessions_of_payment(payment_intent_id: str) -> list[str]:
    """Return the ids of the pages that a payment was made on: one, or none."""
    return [each["id"] for each in _all(_api().checkout.sessions.list, payment_intent=payment_intent_id)]


def expire_session(session_id: str) -> Data:
    """Close a payment page; refused once it is paid."""
    return _ask(_api().checkout.sessions.expire, session_id)


def create_portal_session(**params: Any) -> Data:
    """Prepare a page on which the customer manages cards, invoices and the plan; its address is `url`."""
    return _ask(_api().billing_portal.sessions.create, **params)


def portal_configurations() -> list[Data]:
    """Return what the account lets its customers do in the portal, in all its versions."""
    return _all(_api().billing_portal.configurations.list, active=True)


def create_portal_configuration(**params: Any) -> Data:
    """Say what customers may do in the portal."""
    return _ask(_api().billing_portal.configurations.create, **params)


def update_portal_configuration(configuration_id: str, **params: Any) -> Data:
    """Say it anew."""
    return _ask(_api().billing_portal.configurations.update, configuration_id, **params)


# Subscriptions, invoices, payments


def subscription(subscription_id: str) -> Data:
    """Return one subscription, ended ones too, with what is planned for it."""
    return _ask(_api().subscriptions.retrieve, subscription_id, expand=["schedule"])


def subscriptions_of(customer_id: str) -> list[Data]:
    """Return all subscriptions of a customer, ended ones too."""
    return _all(_api().subscriptions.list, customer=customer_id, status="all")


def create_subscription(customer_id: str, price_id: str, card: str) -> Data:
    """Subscribe a customer with a card that is attached by this; refused when it cannot be charged."""
    with _our_errors():
        method = _api().payment_methods.attach(card, params={"customer": customer_id})
    return _ask(
        _api().subscriptions.create,
        customer=customer_id,
        items=[{"price": price_id}],
        default_payment_method=method.id,
        payment_behavior="error_if_incomplete",
    )


def change_price(subscription_id: str, item_id: str, price_id: str, *, is_dearer: bool) -> Data:
    """Change what a subscription costs from now on; the rest of the month is charged only if it is dearer."""
    return _ask(
        _api().subscriptions.update,
        subscription_id,
        items=[{"id": item_id, "price": price_id}],
        proration_behavior="always_invoice" if is_dearer else "none",
        payment_behavior="error_if_incomplete",
    )


def release_schedule(schedule_id: str) -> Data:
    """Drop what was planned for a subscription."""
    return _ask(_api().subscription_schedules.release, schedule_id)


def cancel_subscription(subscription_id: str) -> Data:
    """End a subscription now."""
    return _ask(_api().subscriptions.cancel, subscription_id)


def invoice(invoice_id: str) -> Data:
    """Return one invoice with its payments."""
    return _ask(_api().invoices.retrieve, invoice_id, expand=["payments"])


def paid_invoices_since(moment: int) -> list[Data]:
    """Return the paid invoices that were made since `moment`, without their payments."""
    return _all(_api().invoices.list, created={"gte": moment}, status="paid")


def invoice_of_payment(payment_intent_id: str) -> str:
    """Return the id of the invoice that a payment was for, empty if it was for none."""
    payment = {"type": "payment_intent", "payment_intent": payment_intent_id}
    found = _all(_api().invoice_payments.list, payment=payment)
    return str(found[0]["invoice"]) if found else ""


def charge(charge_id: str) -> Data:
    """Return one charge."""
    return _ask(_api().charges.retrieve, charge_id)


def refunds_of(charge_id: str) -> list[Data]:
    """Return all refunds of a charge, failed ones too."""
    return _all(_api().refunds.list, charge=charge_id)


def refunds_since(moment: int) -> list[Data]:
    """Return all refunds that were made since `moment`."""
    return _all(_api().refunds.list, created={"gte": moment})


def create_refund(payment_intent_id: str) -> Data:
    """Give a payment back in full."""
    return _ask(_api().refunds.create, payment_intent=payment_intent_id)


def refund(refund_id: str) -> Data:
    """Return one refund."""
    return _ask(_api().refunds.retrieve, refund_id)


def dispute(dispute_id: str) -> Data:
    """Return one dispute."""
    return _ask(_api().disputes.retrieve, dispute_id)


def disputes_since(moment: int) -> list[Data]:
    """Return all disputes that were opened since `moment`."""
    return _all(_api().disputes.list, created={"gte": moment})


def create_payment_intent(key: str, **params: Any) -> Data:
    """Prepare a payment; its `client_secret` lets a browser complete it."""
    return _ask(_api().payment_intents.create, key=key, **params)


def create_invoice(key: str, **params: Any) -> Data:
    """Make an empty draft of an invoice."""
    return _ask(_api().invoices.create, key=key, **params)


def create_invoice_item(key: str, **params: Any) -> Data:
    """Put an item on a draft."""
    return _ask(_api().invoice_items.create, key=key, **params)


def finalize_invoice(invoice_id: str, key: str) -> Data:
    """Close a draft: it gets a number and can be paid."""
    return _ask(_api().invoices.finalize_invoice, invoice_id, key=key)


def send_invoice(invoice_id: str, key: str) -> Data:
    """E-mail a finalised invoice to its customer."""
    return _ask(_api().invoices.send_invoice, invoice_id, key=key)
