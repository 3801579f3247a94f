"""A setting that would do harm is found before the first customer finds it."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from operations.checks import refuse_wrong_settings

# dj-stripe's checks look at its webhook endpoints.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PUBLIC = {
    "IS_PUBLIC": True, "SECRET_KEY_IS_EMBEDDED": False, "DEBUG": False, "SANDBOX": False,
    "CACHE_URL": "redis://cache", "EMAIL_URL": "smtp://mail", "SAFETY_IDENTIFIER_KEY": "a random text",
}  # fmt: skip


def found(settings: Any, **changes: Any) -> set[str | None]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return {message.id for message in run_checks() if (message.id or "").startswith("imagesinbulk.")}


def test_a_clone_without_any_setting_is_in_order(settings: Any) -> None:
    assert found(settings) == set()


def test_a_complete_public_site_is_in_order(settings: Any) -> None:
    assert found(settings, **PUBLIC) == set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SECRET_KEY_IS_EMBEDDED": True}, "imagesinbulk.E001"),
        ({"DEBUG": True}, "imagesinbulk.E002"),
        ({"CACHE_URL": ""}, "imagesinbulk.E003"),
        ({"EMAIL_URL": ""}, "imagesinbulk.E004"),
        ({"SANDBOX": True}, "imagesinbulk.W001"),
        ({"SAFETY_IDENTIFIER_KEY": ""}, "imagesinbulk.W003"),
    ],
)
def test_a_public_site_with_a_clones_setting_is_refused(settings: Any, change: Any, message: str) -> None:
    assert found(settings, **PUBLIC | change) == {message}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"OPENAI_BASE_URL": "api.openai.com"}, "imagesinbulk.E005"),
        ({"IMAGE_GRACE_HOURS": -1}, "imagesinbulk.E006"),
        ({"OPENAI_IMAGES_PER_MINUTE": -5}, "imagesinbulk.E006"),
        # It would delete all batches.
        ({"PROMPT_RETENTION_DAYS": -1}, "imagesinbulk.E006"),
        ({"SESSION_MAX_DAYS": 0}, "imagesinbulk.E006"),
        ({"STRIPE_GRACE_DAYS": -1}, "imagesinbulk.E006"),
        ({"FREE_CREDITS": -1}, "imagesinbulk.E006"),
        ({"BROKER_IS_EMBEDDED": False}, "imagesinbulk.W002"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings: Any, change: Any, message: str) -> None:
    assert found(settings, **change) == {message}


def test_a_key_that_stripe_does_not_make_stops_the_start(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "pk_live_" + "a" * 24
    with pytest.raises(ImproperlyConfigured, match="STRIPE_SECRET_KEY is not a secret key"):
        refuse_wrong_settings()
