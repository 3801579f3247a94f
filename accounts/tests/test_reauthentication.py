"""Confirming who one is: by mailed code, password or second factor, before anything that opens the account."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, User
from accounts.reauthentication import signed_in_recently
from accounts.tests.conftest import ReadCode
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

ASK = "/accounts/reauthenticate/code/"
CONFIRM = "/accounts/reauthenticate/code/confirm/"
GUARDED = "/account/webhooks/secret/"
PASSWORD = "a violin under the stairs"
#: Each page on which one changes how one signs in, and what is posted there.
CHANGES = (
    (reverse("mfa_activate_totp"), {"code": "123456"}),
    (reverse("mfa_add_webauthn"), {"credential": "{}"}),
    (reverse("mfa_generate_recovery_codes"), {}),
    (reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD}),
    (reverse("account_email"), {"action_add": "", "email": "mallory@example.org"}),
    (reverse("keys:new"), {"name": "Printer"}),
)


def recently(client: Client, user: User) -> bool:
    return signed_in_recently(SimpleNamespace(session=client.session, user=user))


def confirm(client: Client, user: User, read_code: ReadCode, **data: str) -> Any:
    client.post(ASK, {"recipient": user.email})
    return client.post(CONFIRM, {"code": read_code(user.email), **data})


def is_let_in(client: Client) -> bool:
    return client.get(GUARDED).status_code == 200


@pytest.mark.parametrize(("url", "data"), CHANGES)
def test_an_old_session_is_asked_before_a_change_of_how_one_signs_in(
    url: str, data: dict[str, str], bobs: Client, bob: User, mailoutbox: list[Any]
) -> None:
    assert bobs.post(url, data).url == reverse("account_request_reauthentication_code", query={"next": url})
    bob.refresh_from_db()
    assert not bob.has_usable_password()
    assert not Authenticator.objects.exists()
    assert not ApiKey.objects.exists()
    assert EmailAddress.objects.get().email == bob.email
    assert mailoutbox == []


def test_a_fresh_sign_in_is_not_asked_again(client: Client, bob: User, read_code: ReadCode) -> None:
    client.post(reverse("account_login"), {"login": bob.email, "password": ""})
    client.post(reverse("account_confirm_login_code"), {"code": read_code(bob.email)})
    assert recently(client, bob)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_looking_at_the_question_mails_nothing(bobs: Client, mailoutbox: list[Any]) -> None:
    assert "Email me a code" in bobs.get(ASK).content.decode()
    assert mailoutbox == []


def test_the_mailed_code_lets_the_user_go_on(bobs: Client, bob: User, read_code: ReadCode) -> None:
    answer = bobs.post(ASK, {"recipient": bob.email, "next": GUARDED})
    assert answer.url == f"{CONFIRM}?next=%2Faccount%2Fwebhooks%2Fsecret%2F"
    assert bobs.get(answer.url).content.decode().count('name="code"') == 1
    assert bobs.post(CONFIRM, {"code": read_code(bob.email), "next": GUARDED}).url == GUARDED
    assert is_let_in(bobs)


def test_the_mail_says_that_it_confirms_and_does_not_sign_in(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    bobs.post(ASK, {"recipient": bob.email})
    assert mailoutbox[0].subject == "Your confirmation code"


def test_a_code_goes_to_no_address_but_the_users_own(bobs: Client, mailoutbox: list[Any]) -> None:
    assert bobs.post(ASK, {"recipient": "mallory@example.org"}).status_code == 200
    assert mailoutbox == []


def test_a_code_works_in_its_own_browser_only(
    bobs: Client, bob: User, signed_in: SignedIn, read_code: ReadCode
) -> None:
    bobs.post(ASK, {"recipient": bob.email})
    other = signed_in(bob)
    other.post(CONFIRM, {"code": read_code(bob.email)})
    assert not is_let_in(other)


def test_after_three_wrong_codes_the_right_one_is_wrong(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(ASK, {"recipient": bob.email})
    for _ in range(3):
        bobs.post(CONFIRM, {"code": "AAAA-AAAA"})
    bobs.post(CONFIRM, {"code": read_code(bob.email)})
    assert not is_let_in(bobs)


@pytest.mark.parametrize("code", ["", "AAAA-AAAA"])
def test_no_code_is_right_where_none_was_mailed(bobs: Client, code: str) -> None:
    bobs.post(CONFIRM, {"code": code})
    assert not is_let_in(bobs)


def test_a_code_expires_after_ten_minutes(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(ASK, {"recipient": bob.email})
    session = bobs.session
    session["account_email_reauthentication_code"]["at"] = time.time() - 601
    session.save()
    bobs.post(CONFIRM, {"code": read_code(bob.email)})
    assert not is_let_in(bobs)


def test_a_confirmation_lasts_five_minutes(bobs: Client, bob: User, read_code: ReadCode) -> None:
    confirm(bobs, bob, read_code)
    session = bobs.session
    session["account_authentication_methods"][-1]["at"] = time.time() - 301
    session.save()
    assert not is_let_in(bobs)


def test_a_user_with_a_second_factor_has_to_present_it(bobs: Client, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    bobs.force_login(bob)
    TOTP.activate(bob, generate_totp_secret())
    for other_way in (ASK, reverse("account_reauthenticate")):
        assert bobs.get(other_way).url.startswith(reverse("mfa_reauthenticate"))
    assert bobs.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    assert not is_let_in(bobs)


def test_a_user_with_a_second_factor_is_mailed_no_code(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    TOTP.activate(bob, generate_totp_secret())
    bobs.post(ASK, {"recipient": bob.email})
    assert mailoutbox == []


def test_a_code_asked_for_before_a_factor_was_added_is_no_proof(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(ASK, {"recipient": bob.email})
    TOTP.activate(bob, generate_totp_secret())
    bobs.post(CONFIRM, {"code": read_code(bob.email)})
    assert not is_let_in(bobs)


@pytest.mark.parametrize(("method", "is_enough"), [("password", False), ("mfa", True)])
def test_a_fresh_sign_in_without_the_second_factor_is_not_enough(
    just_signed_in: SignedIn, bob: User, method: str, is_enough: bool
) -> None:
    TOTP.activate(bob, generate_totp_secret())
    client = just_signed_in(bob)
    session = client.session
    session["account_authentication_methods"][0]["method"] = method
    session.save()
    assert recently(client, bob) == is_enough


def test_a_user_with_a_password_is_asked_for_it_and_may_choose_the_code(signed_in: SignedIn, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    bobs = signed_in(bob)
    asked = bobs.get(GUARDED)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert f'href="{ASK}?next=' in bobs.get(asked.url).content.decode()


def test_a_user_who_cannot_be_asked_is_refused(bobs: Client, bob: User) -> None:
    EmailAddress.objects.filter(user=bob).update(verified=False)
    assert bobs.get(GUARDED).status_code == 403


def test_the_question_never_leads_to_another_site(bobs: Client, bob: User, read_code: ReadCode) -> None:
    bobs.post(ASK, {"recipient": bob.email, "next": "https://evil.example.org/"})
    assert "evil" not in confirm(bobs, bob, read_code, next="https://evil.example.org/").url
