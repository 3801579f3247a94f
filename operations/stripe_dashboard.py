"""Settings that exist only in Stripe's dashboard. Its API does not show them, so try what they do."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from billing.months import add_months
from billing.payments import checkout, customers
from billing.plans import STARTER
from billing.stripe import catalogue, client

WORKING_CARD, FAILING_CARD = "pm_card_visa", "pm_card_chargeCustomerFail"
#: Stripe retries a payment for two months at most.
MONTHS_OF_RETRIES = 3
#: Stripe finalises a renewal's invoice an hour after the period.
AFTER_FINALISING = timedelta(hours=2)
CLOCK_SECONDS = 180
ONE_SUBSCRIPTION = "Settings > Checkout and Payment Links > Subscriptions > Limit customers to one subscription"
CANCEL_LAST = "Settings > Billing > Subscriptions and emails > Manage failed payments > Cancel the subscription"


class WrongSetting(Exception):
    """The text says what is wrong, and where to change it."""


def check(subscriber: User) -> Iterator[str]:
    """Yield what was found for `subscriber`, who has a plan; raises `WrongSetting` and `StripeError`."""
    customer_id, price_id = customers.known_customer_of(subscriber), catalogue.price_id_of(STARTER)
    page = checkout.create_session(subscriber, customer_id, STARTER, price_id, "en")
    yield _check_one_subscription(page)
    # The sandbox's clock can be ahead of ours.
    yield _check_last_retry(now=datetime.fromtimestamp(page["created"], UTC))


def _check_one_subscription(page: dict[str, Any]) -> str:
    """Try a second payment page. At Stripe a script leads away from it, which only a browser can run."""
    if not settings.STRIPE_SANDBOX:
        return f"Open {page['url']} now. If it shows a payment form, change this setting in Stripe: {ONE_SUBSCRIPTION}"
    leads_away = client.leads_away(page["url"])
    client.expire_session(page["id"])
    if not leads_away:
        raise WrongSetting(f"A subscriber can pay for a second subscription. Change {ONE_SUBSCRIPTION}.")
    return "one subscription: a second payment page leads to the portal"


def _check_last_retry(now: datetime) -> str:
    """Let a renewal fail on one of Stripe's test clocks until Stripe gives up."""
    clock = client.create_test_clock(frozen_time=int(now.timestamp()))
    try:
        subscription_id = _failing_subscription(clock["id"])
        _advance(clock["id"], add_months(now, 1) + AFTER_FINALISING)
        for month in range(2, 2 + MONTHS_OF_RETRIES):
            if (status := client.subscription(subscription_id)["status"]) != "past_due":
                break
            _advance(clock["id"], add_months(now, month))
    finally:
        client.delete_test_clock(clock["id"])
    if status != "canceled":
        raise WrongSetting(f"After the last retry a subscription is {status}, not canceled. Change {CANCEL_LAST}.")
    return "failed payments: the subscription is cancelled after the last retry"


def _failing_subscription(clock_id: str) -> str:
    email = f"smoke-{uuid.uuid4().hex[:8]}@example.org"
    customer = client.create_customer(email=email, name="Smoke test", test_clock=clock_id)
    subscription: dict[str, Any] = client.create_subscription(
        customer["id"], catalogue.price_id_of(STARTER), WORKING_CARD
    )
    failing = client.attach_payment_method(FAILING_CARD, customer=customer["id"])
    client.update_subscription(subscription["id"], default_payment_method=failing["id"])
    return str(subscription["id"])


def _advance(clock_id: str, moment: datetime) -> None:
    client.advance_test_clock(clock_id, frozen_time=int(moment.timestamp()))
    ends_at = time.monotonic() + CLOCK_SECONDS
    while client.test_clock(clock_id)["status"] != "ready":
        if time.monotonic() > ends_at:
            raise WrongSetting("Stripe's test clock did not arrive. Try again.")
        time.sleep(1)
