"""allauth's limits are on, and hold against somebody who tries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def limits(settings: Any, no_limits: None) -> None:
    """Undo what the other tests here switch off."""
    settings.ACCOUNT_RATE_LIMITS = {}


def test_five_wrong_passwords_lock_the_sixth(bob: User) -> None:
    bob.set_password("a violin under the stairs")
    bob.save(update_fields=["password"])
    for _ in range(5):
        Client().post(reverse("account_login"), {"login": bob.email, "password": "wrong"})
    client = Client()
    client.post(reverse("account_login"), {"login": bob.email, "password": "a violin under the stairs"})
    assert client.get(reverse("account")).status_code == 302


def test_a_fourth_code_within_a_minute_is_not_sent(bob: User, mailoutbox: list[Any]) -> None:
    for _ in range(4):
        Client().post(reverse("account_login"), {"login": bob.email, "password": ""})
    assert len(mailoutbox) == 3


def test_codes_that_confirm_count_with_those_that_sign_in(bob: User, mailoutbox: list[Any]) -> None:
    client = Client()
    client.force_login(bob)
    url = reverse("account_request_reauthentication_code")
    answers = [client.post(url, {"recipient": bob.email}).status_code for _ in range(4)]
    assert (answers, len(mailoutbox)) == ([302, 302, 302, 200], 3)


def test_too_many_pages_are_refused_in_our_look(db: None) -> None:
    answers = [Client().post(reverse("account_signup"), {}) for _ in range(21)]
    assert answers[-1].status_code == 429
    assert 'class="top"' in answers[-1].content.decode()
