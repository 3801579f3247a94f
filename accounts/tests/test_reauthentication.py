"""Asking once more who it is: by mailed code where there is neither password nor second step."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.reauthentication import is_recent
from accounts.tests.conftest import ReadCode
from tests.cast import SignedIn

ASK = "/account/reauthenticate/"
SEND = "/account/reauthenticate/send/"
GUARDED = "/account/webhooks/secret/"


@pytest.fixture
def bobs(signed_in: SignedIn, bob: User) -> Client:
    """A browser in which Bob signed in long ago."""
    return signed_in(bob)


def recently(client: Client, user: User) -> bool:
    return is_recent(SimpleNamespace(session=client.session, user=user))


def test_somebody_who_signed_in_long_ago_is_not_recent(bobs: Client, bob: User) -> None:
    assert not recently(bobs, bob)


def test_signing_in_just_now_is_recent(client: Client, bob: User, read_code: ReadCode) -> None:
    client.post(reverse("account_login"), {"login": bob.email, "password": ""})
    client.post(reverse("account_confirm_login_code"), {"code": read_code(bob.email)})
    assert recently(client, bob)


def test_looking_mails_nothing(bobs: Client, mailoutbox: list[Any]) -> None:
    assert "Mail me a code" in bobs.get(ASK).content.decode()
    assert mailoutbox == []


def test_the_mailed_code_lets_go_on(bobs: Client, bob: User, read_code: ReadCode) -> None:
    answer = bobs.post(SEND, {"next": "/account/"})
    assert answer.url == f"{ASK}?next=%2Faccount%2F"
    assert bobs.get(answer.url).content.decode().count('name="code"') == 1
    answer = bobs.post(ASK, {"code": read_code(bob.email), "next": "/account/"})
    assert answer.url == "/account/"
    assert recently(bobs, bob)


def test_a_code_works_once(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(SEND)
    code = read_code(bob.email)
    bobs.post(ASK, {"code": code})
    assert bobs.post(ASK, {"code": code}).status_code == 200


def test_a_code_is_good_in_its_own_browser_only(
    bobs: Client, bob: User, signed_in: SignedIn, read_code: ReadCode
) -> None:
    bobs.post(SEND)
    other = signed_in(bob)
    other.post(ASK, {"code": read_code(bob.email)})
    assert not recently(other, bob)


def test_after_three_wrong_codes_the_right_one_is_wrong(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(SEND)
    for _ in range(3):
        bobs.post(ASK, {"code": "AAAA-AAAA"})
    bobs.post(ASK, {"code": read_code(bob.email)})
    assert not recently(bobs, bob)


@pytest.mark.parametrize("code", ["", "AAAA-AAAA"])
def test_no_code_is_right_where_none_was_mailed(bobs: Client, bob: User, code: str) -> None:
    assert bobs.post(ASK, {"code": code}).status_code == 200
    assert not recently(bobs, bob)


def test_a_code_is_over_after_ten_minutes(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(SEND)
    session = bobs.session
    session["reauthentication_code"]["at"] = time.time() - 601
    session.save()
    bobs.post(ASK, {"code": read_code(bob.email)})
    assert not recently(bobs, bob)


def test_who_has_a_second_step_is_asked_for_it_instead(bobs: Client, bob: User) -> None:
    TOTP.activate(bob, generate_totp_secret())
    assert bobs.get(ASK).url.startswith(reverse("mfa_reauthenticate"))


def test_who_has_a_second_step_is_mailed_nothing(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    TOTP.activate(bob, generate_totp_secret())
    bobs.post(SEND)
    assert mailoutbox == []


@pytest.mark.parametrize(("method", "is_enough"), [("password", False), ("mfa", True)])
def test_who_has_a_second_step_must_have_taken_it(
    just_signed_in: SignedIn, bob: User, method: str, is_enough: bool
) -> None:
    TOTP.activate(bob, generate_totp_secret())
    client = just_signed_in(bob)
    session = client.session
    session["account_authentication_methods"][0]["method"] = method
    session.save()
    assert recently(client, bob) == is_enough


def test_who_has_a_password_is_asked_for_it_and_may_choose_the_code(signed_in: SignedIn, bob: User) -> None:
    bob.set_password("a violin under the stairs")
    bob.save(update_fields=["password"])
    bobs = signed_in(bob)
    asked = bobs.get(GUARDED)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert f'href="{ASK}?next=' in bobs.get(asked.url).content.decode()


def test_nobody_is_sent_in_circles(bobs: Client, bob: User) -> None:
    EmailAddress.objects.filter(user=bob).update(verified=False)
    assert bobs.get(GUARDED).status_code == 403


def test_another_site_is_never_gone_to(bobs: Client) -> None:
    assert "evil" not in bobs.post(SEND, {"next": "https://evil.example.org/"}).url
