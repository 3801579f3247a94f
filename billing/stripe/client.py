"""Stripe's API: the only module that calls the SDK. It returns plain dicts, shaped as in Stripe's reference.

Amounts are in the currency's smallest unit, times are Unix seconds. Every function raises `StripeError`.
https://docs.stripe.com/api
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from operator import attrgetter
from typing import Any

import requests
import stripe
from django.conf import settings
from django.utils.translation import gettext_lazy as _

Data = dict[str, Any]

#: Seconds to connect, and to wait for a response. The SDK's default of 80 s would block a web thread too long.
TIMEOUT = (5.0, 25.0)
RETRIES = 2

#: The code of an object that Stripe does not have.
MISSING = "resource_missing"
#: What operators often see, by Stripe's code, because its messages are in English.
#: https://docs.stripe.com/error-codes
_SENTENCES = {
    "authentication_required": _("The customer’s bank wants the customer to confirm the payment."),
    "card_declined": _("The customer’s card was declined."),
    "charge_already_refunded": _("The payment has been refunded already."),
    "expired_card": _("The customer’s card has expired."),
    "subscription_payment_intent_requires_action": _("The customer’s bank wants the customer to confirm the payment."),
}


class StripeError(Exception):
    """Stripe did not do what was requested; the message and the code, e.g. resource_missing, are Stripe's own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code

    @property
    def sentence(self) -> str:
        return str(_SENTENCES.get(self.code, self))


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
def our_errors() -> Iterator[None]:
    """Raise a `StripeError` for any error of the SDK, which dj-stripe's own calls raise too."""
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


def _method(name: str) -> Any:
    """Return a method of the SDK, such as `checkout.sessions.create`."""
    if not settings.STRIPE_ENABLED:
        raise StripeBroken("Payments are not set up: STRIPE_SECRET_KEY is not set.")
    return attrgetter(name)(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_HOST).v1)


@cache
def _client(key: str, host: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": host},
        stripe_version=settings.STRIPE_API_VERSION,
        max_network_retries=RETRIES,
        http_client=_http(),
    )


def _call(method: str, /, *ids: str, key: str = "", **params: Any) -> Data:
    """Call a method of the SDK. `key` is the idempotency key: the same call within a day does nothing new."""
    return dict(_answer(method, *ids, key=key, **params).to_dict(for_json=True))


def _answer(method: str, /, *ids: str, key: str = "", **params: Any) -> Any:
    given = {name: value for name, value in params.items() if value is not None}
    options = {"idempotency_key": key} if key else {}
    with our_errors():
        return _method(method)(*ids, params=given, options=options)


def _list(method: str, /, **params: Any) -> list[Data]:
    """Return every element of a list, from all its pages."""
    with our_errors():
        pages = _method(method)(params={"limit": 100, **params})
        return [each.to_dict(for_json=True) for each in pages.auto_paging_iter()]


# Operations that only need their ids, then parameters by name, and `key`.

price = partial(_call, "prices.retrieve")
create_price = partial(_call, "prices.create", transfer_lookup_key=True)
product = partial(_call, "products.retrieve")
create_product = partial(_call, "products.create")
update_product = partial(_call, "products.update", active=True)

#: A deleted customer has only `id` and `deleted`.
customer = partial(_call, "customers.retrieve")
create_customer = partial(_call, "customers.create")
update_customer = partial(_call, "customers.update")

create_session = partial(_call, "checkout.sessions.create")
session = partial(_call, "checkout.sessions.retrieve", expand=["line_items"])
create_portal_session = partial(_call, "billing_portal.sessions.create")
create_portal_configuration = partial(_call, "billing_portal.configurations.create")
update_portal_configuration = partial(_call, "billing_portal.configurations.update")

#: Stripe returns ended subscriptions, too.
subscription = partial(_call, "subscriptions.retrieve", expand=["schedule", "latest_invoice"])
update_subscription = partial(_call, "subscriptions.update")
cancel_subscription = partial(_call, "subscriptions.cancel")
release_schedule = partial(_call, "subscription_schedules.release")

invoice = partial(_call, "invoices.retrieve", expand=["payments"])
create_invoice_item = partial(_call, "invoice_items.create")
#: Delete a draft; refused once it is finalised.
delete_invoice = partial(_call, "invoices.delete")
#: Cancel a finalised invoice that is unpaid.
void_invoice = partial(_call, "invoices.void_invoice")
finalize_invoice = partial(_call, "invoices.finalize_invoice")
send_invoice = partial(_call, "invoices.send_invoice")

payment_intent = partial(_call, "payment_intents.retrieve")
#: Prepare a payment, whose `client_secret` lets a browser complete it; with `confirm` it is charged at once.
create_payment_intent = partial(_call, "payment_intents.create")
payment_method = partial(_call, "payment_methods.retrieve")
attach_payment_method = partial(_call, "payment_methods.attach")
charge = partial(_call, "charges.retrieve")
create_refund = partial(_call, "refunds.create")
dispute = partial(_call, "disputes.retrieve")

# Test clocks: a time of its own for some customers of Stripe's test mode. The `status` is `ready` when it has arrived.
create_test_clock = partial(_call, "test_helpers.test_clocks.create")
test_clock = partial(_call, "test_helpers.test_clocks.retrieve")
advance_test_clock = partial(_call, "test_helpers.test_clocks.advance")
delete_test_clock = partial(_call, "test_helpers.test_clocks.delete")


def webhook_endpoints() -> list[Data]:
    return _list("webhook_endpoints.list")


def create_webhook_endpoint(url: str, events: Sequence[str], description: str) -> Data:
    """Only this response has the signing `secret`."""
    return _call(
        "webhook_endpoints.create",
        url=url,
        enabled_events=list(events),
        api_version=settings.STRIPE_API_VERSION,
        description=description,
    )


def update_webhook_endpoint(endpoint_id: str, events: Sequence[str]) -> Data:
    return _call("webhook_endpoints.update", endpoint_id, enabled_events=list(events), disabled=False)


def events_since(moment: int, types: Sequence[str]) -> list[Data]:
    """Return the events of at most 20 types, newest first. Stripe stores them for 30 days."""
    return _list("events.list", created={"gte": moment}, types=list(types))


def prices(lookup_keys: Sequence[str]) -> list[Data]:
    """Return the active prices with these lookup_keys, at most one each."""
    return _list("prices.list", lookup_keys=list(lookup_keys), active=True)


def customers_with(email: str) -> list[Data]:
    """Return the customers with exactly this email address, newest first, without deleted ones."""
    return _list("customers.list", email=email)


def delete_customer(customer_id: str) -> None:
    """Delete a customer, which ends their subscriptions. Again, or of one that Stripe does not have, does nothing."""
    with suppress(StripeMissing):
        _call("customers.delete", customer_id)


def open_sessions(customer_id: str) -> list[Data]:
    return _list("checkout.sessions.list", customer=customer_id, status="open")


def expire_session(session_id: str) -> None:
    """Close a payment page, unless it has been paid or has expired meanwhile."""
    with suppress(StripeRefused):
        _call("checkout.sessions.expire", session_id)


def sessions_of_payment(payment_intent_id: str) -> list[str]:
    """Return the ids of the payment's pages: one, or none."""
    return [each["id"] for each in _list("checkout.sessions.list", payment_intent=payment_intent_id)]


def leads_away(url: str) -> bool:
    """Return whether a page redirects without a script. Only the sandbox's do."""
    return bool(requests.get(url, allow_redirects=False, timeout=TIMEOUT).is_redirect)


def portal_configurations() -> list[Data]:
    return _list("billing_portal.configurations.list", active=True)


def subscriptions_of(customer_id: str) -> list[Data]:
    """Return all subscriptions of a customer, with their schedules and latest invoices; ended ones too."""
    expand = ["data.schedule", "data.latest_invoice"]
    return _list("subscriptions.list", customer=customer_id, status="all", expand=expand)


def running_subscriptions() -> list[Data]:
    return _list("subscriptions.list")


def create_subscription(customer_id: str, price_id: str, card: str) -> Data:
    """Attach the card and subscribe the customer; refused if the card cannot be charged."""
    method = attach_payment_method(card, customer=customer_id)
    return _call(
        "subscriptions.create",
        customer=customer_id,
        items=[{"price": price_id}],
        default_payment_method=method["id"],
        payment_behavior="error_if_incomplete",
    )


def change_price(subscription_id: str, item_id: str, price_id: str, *, is_dearer: bool) -> Data:
    """Change the price now. The rest of the month is charged only if the price is higher."""
    return update_subscription(
        subscription_id,
        items=[{"id": item_id, "price": price_id}],
        proration_behavior="always_invoice" if is_dearer else "none",
        payment_behavior="error_if_incomplete",
    )


def create_invoice(key: str, **params: Any) -> tuple[Data, bool]:
    """Create an empty draft; False with the one that an earlier request with this key created."""
    answer = _answer("invoices.create", key=key, **params)
    is_new = answer.last_response.headers.get("Idempotent-Replayed") != "true"
    return answer.to_dict(for_json=True), is_new


def invoice_of_payment(payment_intent_id: str) -> str:
    """Return the id of the payment's invoice, empty if there is none."""
    payment = {"type": "payment_intent", "payment_intent": payment_intent_id}
    found = _list("invoice_payments.list", payment=payment)
    return str(found[0]["invoice"]) if found else ""


def charges_of(customer_id: str) -> list[Data]:
    """Return the customer's charges, newest first, including those that failed."""
    return _list("charges.list", customer=customer_id)


def refunds_of(charge_id: str) -> list[Data]:
    return _list("refunds.list", charge=charge_id)


def disputes_of(charge_id: str) -> list[Data]:
    return _list("disputes.list", charge=charge_id)
