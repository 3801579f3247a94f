"""/.well-known/: where to report a vulnerability, and where a password is changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database


def fields(client: Client) -> dict[str, str]:
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def test_security_txt_ends_within_a_year_and_not_soon(client: Client) -> None:
    left = datetime.fromisoformat(fields(client)["Expires"]) - timezone.now()
    assert timedelta(days=100) < left < timedelta(days=365)


@pytest.mark.parametrize(
    ("setting", "contact"),
    [("", "mailto:hello@images.example.com"), ("https://example.com/report", "https://example.com/report")],
)
def test_security_txt_names_whom_to_write_to(client: Client, settings: Any, setting: str, contact: str) -> None:
    settings.DEFAULT_FROM_EMAIL = "Images in bulk <hello@images.example.com>"
    settings.SECURITY_CONTACT = setting
    assert fields(client)["Contact"] == contact


def test_security_txt_names_its_own_address(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://images.example.com"
    assert fields(client)["Canonical"] == "https://images.example.com/.well-known/security.txt"


def test_password_managers_are_led_to_the_form(bob: User, signed_in: SignedIn) -> None:
    answer = signed_in(bob).get("/.well-known/change-password")
    assert (answer.status_code, answer.url) == (302, "/accounts/password/change/")
