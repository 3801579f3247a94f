"""Google and Microsoft sign-in, against the sandbox's, which demand PKCE."""

from typing import Any

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from accounts.tests.conftest import ComeBack, is_signed_in
from imagesinbulk.config.social_providers import social_providers
from tests.cast import SignedIn


def test_google_makes_an_account_with_a_name(client: Client, come_back: ComeBack) -> None:
    come_back(client, "google", "Ann@gmail.com", name="Ann Lee")
    assert is_signed_in(client)
    assert User.objects.get(email="ann@gmail.com").name == "Ann Lee"


def test_googles_verified_address_opens_the_account_that_has_it(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", bob.email)
    assert client.get(reverse("account")).context["user"] == bob


def test_the_only_account_can_be_disconnected_without_a_password(just_signed_in: SignedIn, bob: User) -> None:
    account = SocialAccount.objects.create(user=bob, provider="google", uid="1")
    just_signed_in(bob).post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("page", ["socialaccount_login_cancelled", "socialaccount_login_error"])
def test_who_is_signed_in_is_led_back_to_the_connected_accounts(page: str, signed_in: SignedIn, bob: User) -> None:
    answer = signed_in(bob).get(reverse(page)).content.decode()
    assert f'class="button" data-kind="primary" href="{reverse("socialaccount_connections")}"' in answer
    assert "sign you in" not in answer
    assert "Sign-in" not in answer


def test_googles_unverified_address_opens_nothing(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", bob.email, email_verified="")
    assert not is_signed_in(client)


def test_microsoft_has_to_confirm_the_address(client: Client, come_back: ComeBack) -> None:
    answer = come_back(client, "microsoft", "hot@hotmail.com")
    assert answer.url == reverse("account_email_verification_sent")
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_microsoft_knows_the_name(client: Client, come_back: ComeBack) -> None:
    come_back(client, "microsoft", "hot@hotmail.com", name="Hot Mail")
    assert User.objects.get(email="hot@hotmail.com").name == "Hot Mail"


def test_microsoft_claiming_a_strangers_address_opens_nothing(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "microsoft", bob.email)
    assert not is_signed_in(client)
    assert not bob.socialaccount_set.exists()


def test_no_setting_makes_microsofts_address_believed(
    client: Client, come_back: ComeBack, bob: User, providers: dict[str, Any]
) -> None:
    providers["microsoft"] |= {"VERIFIED_EMAIL": True, "EMAIL_AUTHENTICATION": True}
    come_back(client, "microsoft", bob.email)
    assert not is_signed_in(client)


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_code_without_pkce_is_refused(db: None, provider: str, client: Client, providers: dict[str, Any]) -> None:
    providers[provider]["OAUTH_PKCE_ENABLED"] = False
    there = client.post(reverse(f"{provider}_login")).url
    assert requests.get(there, timeout=60).status_code == 400


def test_a_forged_state_is_refused_in_our_look(client: Client, come_back: ComeBack) -> None:
    answer = come_back(client, "google", "ann@gmail.com", changes={"state": "forged"})
    assert answer.status_code == 401
    assert 'class="top"' in answer.content.decode()


def test_the_second_step_is_asked_after_google_too(client: Client, come_back: ComeBack, bob: User) -> None:
    TOTP.activate(bob, generate_totp_secret())
    assert come_back(client, "google", bob.email).url.startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)


def test_both_buttons_are_shown_where_configured(db: None, client: Client, providers: dict[str, Any]) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "Continue with Google" in page
    assert "Continue with Microsoft" in page


@pytest.mark.django_db
def test_no_button_is_shown_where_nothing_is_configured(client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(("", ""), ("", ""), "")
    assert "Continue with" not in client.get(reverse("account_login")).content.decode()


def test_who_comes_in_with_google_is_in_the_trail(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", bob.email)
    came_in, connected = AuditEntry.objects.of(bob)
    assert (connected.action, connected.note) == (AuditAction.SOCIAL_CONNECTED, "google")
    assert (came_in.action, came_in.note) == (AuditAction.SIGNED_IN, "google")


def test_real_client_ids_are_asked_at_the_real_addresses(settings: Any, db: None, client: Client) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(("g", "s"), ("m", "s"), "")
    assert "ID_TOKEN_ISSUER" not in settings.SOCIALACCOUNT_PROVIDERS["google"]
    assert client.post(reverse("microsoft_login")).url.startswith("https://login.microsoftonline.com/common/")


@pytest.mark.parametrize("page", ["login", "callback", "login_by_token"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_a_provider_that_is_not_configured_has_no_pages(client: Client, settings: Any, page: str, method: str) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(("", ""), ("", ""), "")
    assert getattr(client, method)(reverse(f"google_{page}")).status_code == 404


def test_an_account_of_a_provider_that_is_configured_no_longer_is_listed(
    signed_in: SignedIn, bob: User, settings: Any
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(("", ""), ("", ""), "")
    SocialAccount.objects.create(user=bob, provider="microsoft", uid="1", extra_data={"mail": "hot@hotmail.com"})
    assert signed_in(bob).get(reverse("socialaccount_connections")).status_code == 200
