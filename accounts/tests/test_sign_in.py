"""Signing in by mailed code, or with a password by those who have set one."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.conftest import ReadCode, is_signed_in
from tests.cast import SignedIn

PASSWORD = "a violin under the stairs"


def ask(client: Client, address: str, password: str = "") -> Any:
    return client.post(reverse("account_login"), {"login": address, "password": password})


def enter(client: Client, code: str) -> None:
    client.post(reverse("account_confirm_login_code"), {"code": code})


def test_without_a_password_a_code_is_mailed(client: Client, bob: User, read_code: ReadCode) -> None:
    assert ask(client, bob.email).url == reverse("account_confirm_login_code")
    enter(client, read_code(bob.email))
    assert is_signed_in(client)


def test_a_wrong_code_opens_nothing(client: Client, bob: User) -> None:
    ask(client, bob.email)
    enter(client, "AAAA-AAAA")
    assert not is_signed_in(client)


def test_a_code_is_of_no_use_in_another_browser(client: Client, bob: User, read_code: ReadCode) -> None:
    ask(client, bob.email)
    stranger = Client()
    enter(stranger, read_code(bob.email))
    assert not is_signed_in(stranger)


@pytest.mark.parametrize(("minutes", "works"), [(9, True), (11, False)])
def test_a_code_works_for_ten_minutes(
    client: Client, bob: User, read_code: ReadCode, monkeypatch: pytest.MonkeyPatch, minutes: int, works: bool
) -> None:
    ask(client, bob.email)
    later = time.time() + 60 * minutes
    monkeypatch.setattr(time, "time", lambda: later)
    enter(client, read_code(bob.email))
    assert is_signed_in(client) is works


def test_a_password_can_be_set_later_and_used(just_signed_in: SignedIn, bob: User) -> None:
    answer = just_signed_in(bob).post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    client = Client()
    ask(client, bob.email, PASSWORD)
    assert is_signed_in(client)


def test_a_wrong_password_opens_nothing(client: Client, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    ask(client, bob.email, "something else")
    assert not is_signed_in(client)


def test_a_password_is_replaced_with_a_mailed_code(client: Client, bob: User, read_code: ReadCode) -> None:
    client.post(reverse("account_reset_password"), {"email": bob.email})
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(bob.email)})
    client.post(reverse("account_complete_password_reset"), {"password1": PASSWORD, "password2": PASSWORD})
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_a_mail_names_the_site_as_its_sender(client: Client, bob: User, mailoutbox: list[Any]) -> None:
    ask(client, bob.email)
    assert mailoutbox[-1].subject == "Your sign-in code"
    assert mailoutbox[-1].from_email.startswith("Images in bulk <")


def test_after_signing_in_the_asked_page_is_shown(client: Client, bob: User, read_code: ReadCode) -> None:
    there = reverse("pricing")
    answer = client.post(reverse("account_login"), {"login": bob.email, "password": "", "next": there})
    answer = client.post(answer.url, {"code": read_code(bob.email), "next": there})
    assert answer.url == there
