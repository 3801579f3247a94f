"""Stripe's API: the only module that calls the SDK. It returns plain dicts, shaped as in Stripe's reference.

Amounts are in the currency's smallest unit, times are Unix seconds. Every function raises `StripeError`.
https://docs.stripe.com/api
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import requests
import stripe
from django.conf import settings

Data = dict[str, Any]

#: Seconds to connect, and to wait for a response. The SDK's default of 80 s would block a web thread too long.
TIMEOUT = (5.0, 25.0)
RETRIES = 2


#: The code of an object that Stripe does not have.
MISSING = "resource_missing"


class StripeError(Exception):
    """Stripe did not do what was requested; the message and the code, e.g. resource_missing, are Stripe's own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class StripeRefused(StripeError):
    """The request can never succeed as it is."""


class StripeMissing(StripeRefused):
    """Stripe does not have the object, or no longer."""


#: What dj-stripe raises, because its calls do not go through this module.
DjStripeRefused = stripe.InvalidRequestError


class StripeBusy(StripeError):
    """Stripe cannot be reached or is overloaded: the same request may succeed later."""


class StripeBroken(StripeError):
    """Our key is missing or was refused: an operator must act."""


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise _kind_of(error)(error.user_message or str(error), error.code or "") from error


def _kind_of(error: stripe.StripeError) -> type[StripeError]:
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return StripeBroken
    status = error.http_status or 500
    # 409: another request holds a lock at Stripe, or has this idempotency key and is still being processed.
    is_busy = status in (409, 429) or status >= 500
    is_busy = is_busy or isinstance(error, stripe.APIConnectionError | stripe.RateLimitError)
    if is_busy:
        return StripeBusy
    return StripeMissing if error.code == MISSING else StripeRefused


@cache
def _http() -> stripe.HTTPClient:
    return stripe.RequestsClient(timeout=TIMEOUT)


def bound_all_calls() -> None:
    """Give dj-stripe's calls, which use the SDK's global client, our timeouts and retries."""
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


def _call(method: Callable[..., Any], *ids: str, key: str = "", **params: Any) -> Data:
    """Call `method`. `key` is the idempotency key: the same call within a day does nothing new."""
    return dict(_answer(method, *ids, key=key, **params).to_dict(for_json=True))


def _answer(method: Callable[..., Any], *ids: str, key: str = "", **params: Any) -> Any:
    given = {name: value for name, value in params.items() if value is not None}
    options = {"idempotency_key": key} if key else {}
    with _our_errors():
        return method(*ids, params=given, options=options)


def _list(method: Callable[..., Any], **params: Any) -> list[Data]:
    """Return every element of a list, from all its pages."""
    with _our_errors():
        return [each.to_dict(for_json=True) for each in method(params={"limit": 100, **params}).auto_paging_iter()]


# Webhook endpoints


def webhook_endpoints() -> list[Data]:
    return _list(_api().webhook_endpoints.list)


def create_webhook_endpoint(url: str, events: Sequence[str], description: str) -> Data:
    """Only this response has the signing `secret`."""
    return _call(
        _api().webhook_endpoints.create,
        url=url,
        enabled_events=list(events),
        api_version=settings.STRIPE_API_VERSION,
        description=description,
    )


def update_webhook_endpoint(endpoint_id: str, events: Sequence[str]) -> Data:
    return _call(_api().webhook_endpoints.update, endpoint_id, enabled_events=list(events), disabled=False)


def events_since(moment: int, types: Sequence[str]) -> list[Data]:
    """Return the events of at most 20 types, newest first. Stripe stores them for 30 days."""
    return _list(_api().events.list, created={"gte": moment}, types=list(types))


# The catalogue


def prices(lookup_keys: Sequence[str]) -> list[Data]:
    """Return the active prices with these lookup_keys, at most one each."""
    return _list(_api().prices.list, lookup_keys=list(lookup_keys), active=True)


def price(price_id: str) -> Data:
    return _call(_api().prices.retrieve, price_id)


def create_price(**params: Any) -> Data:
    return _call(_api().prices.create, transfer_lookup_key=True, **params)


def product(product_id: str) -> Data:
    return _call(_api().products.retrieve, product_id)


def create_product(product_id: str, name: str, metadata: Mapping[str, str]) -> Data:
    return _call(_api().products.create, id=product_id, name=name, metadata=dict(metadata))


def update_product(product_id: str, name: str, metadata: Mapping[str, str]) -> Data:
    return _call(_api().products.update, product_id, name=name, metadata=dict(metadata), active=True)


# Customers


def customer(customer_id: str) -> Data:
    """A deleted customer has only `id` and `deleted`."""
    return _call(_api().customers.retrieve, customer_id)


def delete_customer(customer_id: str) -> None:
    """Delete a customer, which ends their subscriptions. Again, or of one that Stripe does not have, does nothing."""
    with suppress(StripeMissing):
        _call(_api().customers.delete, customer_id)


def customers_with(email: str) -> list[Data]:
    """Return the customers with exactly this email address, newest first, without deleted ones."""
    return _list(_api().customers.list, email=email)


def create_customer(key: str, **params: Any) -> Data:
    return _call(_api().customers.create, key=key, **params)


def update_customer(customer_id: str, **params: Any) -> Data:
    return _call(_api().customers.update, customer_id, **params)


# Hosted pages


def create_session(key: str, **params: Any) -> Data:
    return _call(_api().checkout.sessions.create, key=key, **params)


def session(session_id: str) -> Data:
    return _call(_api().checkout.sessions.retrieve, session_id, expand=["line_items"])


def open_sessions(customer_id: str) -> list[Data]:
    return _list(_api().checkout.sessions.list, customer=customer_id, status="open")


def sessions_of_payment(payment_intent_id: str) -> list[str]:
    """Return the ids of the payment's pages: one, or none."""
    return [each["id"] for each in _list(_api().checkout.sessions.list, payment_intent=payment_intent_id)]


def expire_session(session_id: str) -> Data:
    """Close a payment page; refused once it is paid."""
    return _call(_api().checkout.sessions.expire, session_id)


def leads_away(url: str) -> bool:
    """Return whether a page redirects without a script. Only the sandbox's do."""
    return bool(requests.get(url, allow_redirects=False, timeout=TIMEOUT).is_redirect)


def create_portal_session(**params: Any) -> Data:
    return _call(_api().billing_portal.sessions.create, **params)


def portal_configurations() -> list[Data]:
    return _list(_api().billing_portal.configurations.list, active=True)


def create_portal_configuration(**params: Any) -> Data:
    return _call(_api().billing_portal.configurations.create, **params)


def update_portal_configuration(configuration_id: str, **params: Any) -> Data:
    return _call(_api().billing_portal.configurations.update, configuration_id, **params)


# Subscriptions, invoices, payments


def subscription(subscription_id: str) -> Data:
    """Return a subscription, with its schedule and its latest invoice; ended ones too."""
    return _call(_api().subscriptions.retrieve, subscription_id, expand=["schedule", "latest_invoice"])


def subscriptions_of(customer_id: str) -> list[Data]:
    """Return all subscriptions of a customer, with their schedules and latest invoices; ended ones too."""
    expand = ["data.schedule", "data.latest_invoice"]
    return _list(_api().subscriptions.list, customer=customer_id, status="all", expand=expand)


def running_subscriptions() -> list[Data]:
    return _list(_api().subscriptions.list)


def create_subscription(customer_id: str, price_id: str, card: str) -> Data:
    """Attach the card and subscribe the customer; refused if the card cannot be charged."""
    method = attach_payment_method(card, customer_id)
    return _call(
        _api().subscriptions.create,
        customer=customer_id,
        items=[{"price": price_id}],
        default_payment_method=method["id"],
        payment_behavior="error_if_incomplete",
    )


def update_subscription(subscription_id: str, **params: Any) -> Data:
    return _call(_api().subscriptions.update, subscription_id, **params)


def change_price(subscription_id: str, item_id: str, price_id: str, *, is_dearer: bool) -> Data:
    """Change the price now. The rest of the month is charged only if the price is higher."""
    return _call(
        _api().subscriptions.update,
        subscription_id,
        items=[{"id": item_id, "price": price_id}],
        proration_behavior="always_invoice" if is_dearer else "none",
        payment_behavior="error_if_incomplete",
    )


def release_schedule(schedule_id: str) -> Data:
    return _call(_api().subscription_schedules.release, schedule_id)


def cancel_subscription(subscription_id: str) -> Data:
    return _call(_api().subscriptions.cancel, subscription_id)


def invoice(invoice_id: str) -> Data:
    return _call(_api().invoices.retrieve, invoice_id, expand=["payments"])


def invoice_of_payment(payment_intent_id: str) -> str:
    """Return the id of the payment's invoice, empty if there is none."""
    payment = {"type": "payment_intent", "payment_intent": payment_intent_id}
    found = _list(_api().invoice_payments.list, payment=payment)
    return str(found[0]["invoice"]) if found else ""


def payment_intent(payment_intent_id: str) -> Data:
    return _call(_api().payment_intents.retrieve, payment_intent_id)


def payment_method(payment_method_id: str) -> Data:
    return _call(_api().payment_methods.retrieve, payment_method_id)


def charge(charge_id: str) -> Data:
    return _call(_api().charges.retrieve, charge_id)


def charges_of(customer_id: str) -> list[Data]:
    """Return the customer's charges, newest first, including those that failed."""
    return _list(_api().charges.list, customer=customer_id)


def refunds_of(charge_id: str) -> list[Data]:
    return _list(_api().refunds.list, charge=charge_id)


def create_refund(payment_intent_id: str, key: str = "", **params: Any) -> Data:
    return _call(_api().refunds.create, key=key, payment_intent=payment_intent_id, **params)


def dispute(dispute_id: str) -> Data:
    return _call(_api().disputes.retrieve, dispute_id)


def attach_payment_method(method_id: str, customer_id: str, key: str = "") -> Data:
    return _call(_api().payment_methods.attach, method_id, key=key, customer=customer_id)


def create_payment_intent(key: str, **params: Any) -> Data:
    """Prepare a payment, whose `client_secret` lets a browser complete it; with `confirm` it is charged at once."""
    return _call(_api().payment_intents.create, key=key, **params)


def create_invoice(key: str, **params: Any) -> tuple[Data, bool]:
    """Create an empty draft; False with the one that an earlier request with this key created."""
    answer = _answer(_api().invoices.create, key=key, **params)
    is_new = answer.last_response.headers.get("Idempotent-Replayed") != "true"
    return answer.to_dict(for_json=True), is_new


def create_invoice_item(key: str, **params: Any) -> Data:
    return _call(_api().invoice_items.create, key=key, **params)


def delete_invoice(invoice_id: str) -> Data:
    """Delete a draft; refused once it is finalised."""
    return _call(_api().invoices.delete, invoice_id)


def void_invoice(invoice_id: str) -> Data:
    """Cancel a finalised invoice that is unpaid."""
    return _call(_api().invoices.void_invoice, invoice_id)


def finalize_invoice(invoice_id: str, key: str) -> Data:
    return _call(_api().invoices.finalize_invoice, invoice_id, key=key)


def send_invoice(invoice_id: str, key: str) -> Data:
    return _call(_api().invoices.send_invoice, invoice_id, key=key)


# Test clocks: a time of its own for some customers of Stripe's test mode


def create_test_clock(moment: int) -> Data:
    return _call(_api().test_helpers.test_clocks.create, frozen_time=moment)


def test_clock(clock_id: str) -> Data:
    """Its `status` is `ready` when it has arrived."""
    return _call(_api().test_helpers.test_clocks.retrieve, clock_id)


def advance_test_clock(clock_id: str, moment: int) -> Data:
    return _call(_api().test_helpers.test_clocks.advance, clock_id, frozen_time=moment)


def delete_test_clock(clock_id: str) -> Data:
    return _call(_api().test_helpers.test_clocks.delete, clock_id)
