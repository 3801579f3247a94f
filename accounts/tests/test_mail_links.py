"""Links in mails lead to `SITE_URL`, whatever Host header the request had."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SITE = "https://images.example.com"
MAILS = [path for path in Path(site_settings.BASE_DIR, "templates").rglob("*.txt") if path.parent.name == "email"]


@pytest.fixture(autouse=True)
def site_of_two_names(settings: Any) -> None:
    """A site whose operator lets it answer to another name, too."""
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["images.example.com", "other.example.net"]


def mail_after(mailoutbox: list[Any], name: str, data: dict[str, str]) -> str:
    Client(HTTP_HOST="other.example.net:8443").post(reverse(name), data)
    (mail,) = mailoutbox
    return f"{mail.subject}\n{mail.body}"


@pytest.mark.parametrize(("name", "field"), [("account_signup", "email"), ("account_login", "login")])
def test_the_host_header_is_in_no_mail(bob: User, mailoutbox: list[Any], name: str, field: str) -> None:
    text = mail_after(mailoutbox, name, {field: bob.email})
    assert SITE in text
    assert "other.example.net" not in text


def test_the_way_to_sign_up_leads_to_the_site(mailoutbox: list[Any]) -> None:
    text = mail_after(mailoutbox, "account_login", {"login": "nobody@example.org"})
    assert f"{SITE}/accounts/signup/" in text
    assert "other.example.net" not in text


@pytest.mark.parametrize("template", MAILS, ids=lambda path: path.name)
def test_no_mail_is_written_from_the_request(template: Path) -> None:
    text = template.read_text()
    taken_from_the_request = ("request.", "current_site", "signup_url", "password_reset_url", "activate_url")
    assert [name for name in taken_from_the_request if name in text] == []
