"""A new API key is mailed to its owner; who signs out elsewhere or changes the password may revoke the keys as well."""

from io import StringIO
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import ApiKey, AuditAction, AuditEntry, User
from accounts.tests.conftest import ReadCode
from tests.cast import Do, SignedIn

pytestmark = pytest.mark.any_database

PASSWORD, NEW_PASSWORD = "a violin under the stairs", "seven geese on the roof"
SESSIONS = reverse("usersessions_list")
CHANGE = reverse("account_change_password")


@pytest.fixture
def with_password(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    return bob


def works(key: ApiKey) -> bool:
    return ApiKey.objects.get(pk=key.pk).is_usable


def test_a_key_made_on_the_page_is_mailed(
    do: Do, just_signed_in: SignedIn, alice: User, mailoutbox: list[Any], settings: Any
) -> None:
    browser = just_signed_in(alice)
    form = browser.get(reverse("keys:new")).context["form"]
    terms = {"name": "Printer", "scopes": ["batches:read"], "submission_key": form["submission_key"].value()}
    made = do(browser.post, reverse("keys:new"), terms, headers={"user-agent": "Firefox/140"})
    (mail,) = mailoutbox
    assert mail.to == [alice.email]
    assert "Name: Printer" in mail.body
    assert "Firefox/140" in mail.body
    assert settings.SITE_URL + reverse("keys:list") in mail.body
    assert made.context["text"] not in mail.body


def test_a_key_made_on_the_command_line_is_mailed(do: Do, alice: User, mailoutbox: list[Any], capsys: Any) -> None:
    do(call_command, "create_api_key", alice.email, "--name", "ci")
    (mail,) = mailoutbox
    assert "Name: ci" in mail.body
    assert "An operator" in mail.body
    assert capsys.readouterr().out.strip() not in mail.body


@pytest.mark.parametrize("ticked", [True, False])
def test_signing_out_elsewhere_revokes_keys_if_ticked(signed_in: SignedIn, bob: User, ticked: bool) -> None:
    key, _text = api_keys.create(bob, "Printer")
    browser, elsewhere = signed_in(bob), signed_in(bob)
    browser.post(SESSIONS, {"revoke_keys": "on"} if ticked else {})
    assert works(key) is not ticked
    assert elsewhere.get(reverse("account")).status_code == 302
    ended = AuditEntry.objects.get(action=AuditAction.SESSION_ENDED)
    assert (ended.user, ended.actor) == (bob, bob)


@pytest.mark.parametrize("ticked", [True, False])
def test_changing_the_password_revokes_keys_if_ticked(
    just_signed_in: SignedIn, with_password: User, ticked: bool
) -> None:
    key, _text = api_keys.create(with_password, "Printer")
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    just_signed_in(with_password).post(CHANGE, form | ({"revoke_keys": "on"} if ticked else {}))
    assert User.objects.get(pk=with_password.pk).check_password(NEW_PASSWORD)
    assert works(key) is not ticked


def test_a_password_reset_revokes_keys_if_ticked(client: Client, with_password: User, read_code: ReadCode) -> None:
    key, _text = api_keys.create(with_password, "Printer")
    client.post(reverse("account_reset_password"), {"email": with_password.email})
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(with_password.email)})
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "revoke_keys": "on"}
    client.post(reverse("account_complete_password_reset"), form)
    assert not works(key)


def test_a_password_that_is_refused_revokes_nothing(just_signed_in: SignedIn, with_password: User) -> None:
    key, _text = api_keys.create(with_password, "Printer")
    form = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "revoke_keys": "on"}
    just_signed_in(with_password).post(CHANGE, form)
    assert works(key)


def test_signing_out_elsewhere_revokes_no_keys_of_others(signed_in: SignedIn, alice: User, bob: User) -> None:
    key, _text = api_keys.create(alice, "Printer")
    api_keys.create(bob, "Printer")
    signed_in(bob).post(SESSIONS, {"revoke_keys": "on"})
    assert works(key)


def test_the_offer_is_unticked_and_made_to_those_who_have_keys(just_signed_in: SignedIn, with_password: User) -> None:
    browser = just_signed_in(with_password)
    for number in range(2):
        UserSession.objects.create(user=with_password, ip="127.0.0.1", user_agent="x", session_key=str(number))
    assert "revoke_keys" not in browser.get(CHANGE).content.decode() + browser.get(SESSIONS).content.decode()
    api_keys.create(with_password, "Printer")
    for page in (CHANGE, SESSIONS):
        field = browser.get(page).context["form"]["revoke_keys"]
        assert not field.value()
        assert "You have 1 active API key." in field.help_text


def test_the_email_about_a_key_is_in_its_owners_language(do: Do, alice: User, mailoutbox: list[Any]) -> None:
    User.objects.filter(pk=alice.pk).update(language="es")
    do(call_command, "create_api_key", alice.email, "--name", "ci", "--scope", "usage:read", stdout=StringIO())
    assert "Ver el uso" in mailoutbox[0].body
