"""Whatever changes how somebody signs in is mailed to the address that they had."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.conftest import ReadCode
from tests.cast import SignedIn, digits

PASSWORD = "a violin under the stairs"


@pytest.fixture
def bobs(just_signed_in: SignedIn, bob: User) -> Client:
    """A browser in which Bob has just signed in."""
    return just_signed_in(bob)


def subjects(mailoutbox: list[Any], address: str) -> list[str]:
    return [mail.subject for mail in mailoutbox if mail.to == [address]]


def test_setting_a_first_password_sends_an_email(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    bobs.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    assert subjects(mailoutbox, bob.email) == ["Password set"]


def test_changing_the_password_sends_an_email(just_signed_in: SignedIn, bob: User, mailoutbox: list[Any]) -> None:
    bob.set_password("the old one is long")
    bob.save(update_fields=["password"])
    data = {"oldpassword": "the old one is long", "password1": PASSWORD, "password2": PASSWORD}
    just_signed_in(bob).post(reverse("account_change_password"), data)
    assert subjects(mailoutbox, bob.email) == ["Password changed"]


def test_another_address_is_mailed_to_the_former_one(
    bobs: Client, bob: User, mailoutbox: list[Any], read_code: ReadCode
) -> None:
    bobs.post(reverse("account_email"), {"action_add": "", "email": "robert@example.org"})
    bobs.post(reverse("account_email_verification_sent"), {"code": read_code("robert@example.org")})
    bob.refresh_from_db()
    assert bob.email == "robert@example.org"
    assert subjects(mailoutbox, "bob@example.org") == ["Email changed"]


@pytest.mark.django_db(transaction=True)
def test_adding_and_removing_a_second_factor_each_send_an_email(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    secret = bobs.get(reverse("mfa_activate_totp")).context["form"].secret
    bobs.post(reverse("mfa_activate_totp"), {"code": digits(secret)})
    assert "Authenticator app activated" in subjects(mailoutbox, bob.email)
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    bobs.post(reverse("mfa_reauthenticate"), {"code": codes[0]})
    bobs.post(reverse("mfa_deactivate_totp"))
    assert subjects(mailoutbox, bob.email)[-1] == "Authenticator app deactivated"


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_send_an_email(bobs: Client, bob: User, mailoutbox: list[Any]) -> None:
    TOTP.activate(bob, secret := generate_totp_secret())
    bobs.post(reverse("mfa_reauthenticate"), {"code": digits(secret)})
    bobs.post(reverse("mfa_generate_recovery_codes"))
    assert subjects(mailoutbox, bob.email) == ["New recovery codes generated"]


def test_a_provider_that_is_disconnected(
    just_signed_in: SignedIn, bob: User, mailoutbox: list[Any], settings: Any
) -> None:
    app = {"client_id": "for-tests", "secret": "for-tests"}
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [app]}, "microsoft": {"APPS": [app]}}
    account = SocialAccount.objects.create(user=bob, provider="google", uid="1")
    just_signed_in(bob).post(reverse("socialaccount_connections"), {"account": account.pk})
    assert subjects(mailoutbox, bob.email) == ["Third-party account disconnected"]
