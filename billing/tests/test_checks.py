"""A setting of Stripe that would do harm is found before the first customer finds it."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from billing.stripe.checks import check_stripe

pytestmark = pytest.mark.any_database

LIVE = {
    "STRIPE_SECRET_KEY": "sk_live_" + "a" * 24,
    "STRIPE_LIVE_MODE": True,
    "STRIPE_API_HOST": "https://api.stripe.com",
}


def found(settings: Any, **changes: Any) -> list[str | None]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id for message in check_stripe(None)]


def test_the_sandbox_is_in_order(settings: Any) -> None:
    assert found(settings) == []


def test_a_public_site_with_a_live_key_is_in_order(settings: Any) -> None:
    assert found(settings, IS_PUBLIC=True, **LIVE) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"STRIPE_SECRET_KEY": "pk_live_" + "a" * 24}, "billing.E001"),
        ({"STRIPE_API_HOST": "api.stripe.com"}, "billing.E002"),
        ({"STRIPE_API_HOST": "https://elsewhere.example.com"}, "billing.E003"),
        ({"IS_PUBLIC": True, "STRIPE_LIVE_MODE": False}, "billing.W001"),
    ],
)
def test_a_setting_that_would_do_harm_is_found(settings: Any, change: dict[str, Any], message: str) -> None:
    assert found(settings, **LIVE | change) == [message]


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["sync_plans", "reconcile_stripe"])
def test_a_command_that_needs_stripe_says_that_the_key_is_missing(settings: Any, command: str) -> None:
    settings.STRIPE_ENABLED = False
    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY is not set"):
        call_command(command)
