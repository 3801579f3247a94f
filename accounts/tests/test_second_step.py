"""Authenticator app, recovery codes and their encryption."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.mfa.adapter import MFAAdapter
from accounts.models import User
from accounts.tests.conftest import ReadCode, is_signed_in
from tests.cast import SignedIn, digits

SECRET = generate_totp_secret()


@pytest.fixture
def guarded(bob: User) -> User:
    """Bob with an authenticator app and recovery codes."""
    TOTP.activate(bob, SECRET)
    RecoveryCodes.activate(bob)
    return bob


@pytest.fixture
def at_second_step(client: Client, guarded: User, read_code: ReadCode) -> Client:
    """A browser in which Bob has entered the mailed code."""
    client.post(reverse("account_login"), {"login": guarded.email, "password": ""})
    answer = client.post(reverse("account_confirm_login_code"), {"code": read_code(guarded.email)})
    assert answer.url == reverse("mfa_authenticate")
    return client


def test_the_mailed_code_alone_is_not_enough(at_second_step: Client) -> None:
    assert not is_signed_in(at_second_step)


def test_who_has_no_key_is_not_asked_for_one(at_second_step: Client) -> None:
    assert "security key" not in at_second_step.get(reverse("mfa_authenticate")).content.decode()


def test_the_apps_digits_open(at_second_step: Client) -> None:
    at_second_step.post(reverse("mfa_authenticate"), {"code": digits(SECRET)})
    assert is_signed_in(at_second_step)


def test_digits_open_once_even_while_the_clock_still_accepts_them(
    at_second_step: Client, guarded: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = digits(SECRET)
    at_second_step.post(reverse("mfa_authenticate"), {"code": code})
    totp = Authenticator.objects.get(user=guarded, type=Authenticator.Type.TOTP).wrap()
    at = time.time() + 32
    monkeypatch.setattr(time, "time", lambda: at)
    assert not totp.validate_code(code)


def test_wrong_digits_do_not_open(at_second_step: Client) -> None:
    at_second_step.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_signed_in(at_second_step)


def test_a_recovery_code_opens_once(at_second_step: Client, guarded: User) -> None:
    codes = Authenticator.objects.get(user=guarded, type=Authenticator.Type.RECOVERY_CODES).wrap()
    code = codes.get_unused_codes()[0]
    at_second_step.post(reverse("mfa_authenticate"), {"code": code})
    assert is_signed_in(at_second_step)
    assert not codes.validate_code(code)


def test_the_app_is_turned_on_by_its_digits(just_signed_in: SignedIn, bob: User) -> None:
    client = just_signed_in(bob)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": digits(secret)})
    assert Authenticator.objects.filter(user=bob, type=Authenticator.Type.TOTP).exists()


def test_secrets_are_stored_encrypted(guarded: User) -> None:
    stored = Authenticator.objects.get(user=guarded, type=Authenticator.Type.TOTP).data["secret"]
    assert SECRET not in stored
    assert MFAAdapter().decrypt(stored) == SECRET


def test_a_changed_key_still_opens_what_the_former_one_closed(guarded: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    assert Authenticator.objects.get(user=guarded, type=Authenticator.Type.TOTP).wrap().validate_code(digits(SECRET))


def test_rotating_lets_the_former_key_be_dropped(guarded: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    call_command("rotate_secrets", verbosity=0)
    settings.SECRET_KEY_FALLBACKS = []
    assert Authenticator.objects.get(user=guarded, type=Authenticator.Type.TOTP).wrap().validate_code(digits(SECRET))


def test_a_dry_run_changes_nothing(guarded: User, capsys: Any) -> None:
    before = list(Authenticator.objects.values_list("data", flat=True))
    call_command("rotate_secrets", dry_run=True)
    assert list(Authenticator.objects.values_list("data", flat=True)) == before
    assert "2 secrets would be" in capsys.readouterr().out


def test_turning_the_app_off_asks_who_you_are(client: Client, guarded: User) -> None:
    client.force_login(guarded)
    answer = client.get(reverse("mfa_deactivate_totp"))
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
