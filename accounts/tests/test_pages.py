"""Every page of allauth is reachable and comes in the site's look."""

from typing import Any

import pytest
from allauth import urls as allauth_urls
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import User
from accounts.tests.conftest import ReadCode
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

OPEN = (
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "account_password_reset_completed",
    "account_inactive",
    "socialaccount_login_cancelled",
    "google_login",
    "microsoft_login",
)
SIGNED_IN = (
    "account_logout",
    "account_request_reauthentication_code",
    "account_email",
    "account_set_password",
    "socialaccount_connections",
    "usersessions_list",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
)
WITH_SECOND_STEP = (
    "mfa_index",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
)
WITH_PASSWORD = ("account_change_password", "account_reauthenticate")
OF_A_KEY = ("mfa_list_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn")
AFTER_A_STEP = (
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_confirm_reauthentication_code",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
)
# Answers that are no pages, and pages that need a provider (test_providers.py) or a real key (test_passkey.py).
NO_PAGES = {
    "google_callback",
    "google_login_by_token",
    "microsoft_callback",
    "mfa_download_recovery_codes",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "socialaccount_login_error",
    "socialaccount_signup",
}


def names(patterns: list[Any]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.add(pattern.name)
    return found


def assert_our_look(client: Client, url: str) -> None:
    answer = client.get(url)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<header class="top">' in page
    assert "css/entrance" in page
    assert "<h1" in page


@pytest.fixture(autouse=True)
def with_providers(settings: Any) -> None:
    """A site where both providers are configured."""
    app = {"client_id": "for-tests", "secret": "for-tests"}
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [app]}, "microsoft": {"APPS": [app]}}


@pytest.fixture
def bobs(just_signed_in: SignedIn, bob: User) -> Client:
    """A browser in which Bob has just signed in."""
    return just_signed_in(bob)


@pytest.fixture
def guarded(bobs: Client, bob: User) -> Client:
    """A browser in which Bob, who has a second step, has just proved who he is."""
    TOTP.activate(bob, generate_totp_secret())
    codes = RecoveryCodes.activate(bob).get_unused_codes()
    bobs.post(reverse("mfa_reauthenticate"), {"code": codes[0]})
    return bobs


def test_each_page_of_allauth_is_looked_at_here() -> None:
    seen = {*OPEN, *SIGNED_IN, *WITH_SECOND_STEP, *WITH_PASSWORD, *OF_A_KEY, *AFTER_A_STEP, *NO_PAGES}
    assert names(allauth_urls.urlpatterns) == seen


@pytest.mark.django_db
@pytest.mark.parametrize("name", OPEN)
def test_pages_open_to_everybody_have_our_look(name: str, client: Client) -> None:
    assert_our_look(client, reverse(name))


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_of_a_customer_have_our_look(name: str, bobs: Client) -> None:
    assert_our_look(bobs, reverse(name))


@pytest.mark.parametrize("name", WITH_SECOND_STEP)
def test_pages_with_a_second_step_have_our_look(name: str, guarded: Client) -> None:
    assert_our_look(guarded, reverse(name))


@pytest.mark.parametrize("name", WITH_PASSWORD)
def test_pages_with_a_password_have_our_look(name: str, bobs: Client, bob: User) -> None:
    bob.password = "md5$set$"
    bob.save(update_fields=["password"])
    bobs.force_login(bob)
    assert_our_look(bobs, reverse(name))


@pytest.mark.parametrize("name", OF_A_KEY)
def test_pages_of_a_key_have_our_look(name: str, guarded: Client, bob: User) -> None:
    key = Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": "Blue key"})
    arguments = {} if name == "mfa_list_webauthn" else {"pk": key.pk}
    assert_our_look(guarded, reverse(name, kwargs=arguments))


@pytest.mark.django_db
def test_the_page_for_the_code_of_a_sign_up_has_our_look(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "dora@example.org"})
    assert_our_look(client, reverse("account_email_verification_sent"))


def test_the_page_for_the_code_of_a_sign_in_has_our_look(client: Client, bob: User) -> None:
    client.post(reverse("account_login"), {"login": bob.email})
    assert_our_look(client, reverse("account_confirm_login_code"))


def test_the_pages_for_a_new_password_have_our_look(client: Client, bob: User, read_code: ReadCode) -> None:
    client.post(reverse("account_reset_password"), {"email": bob.email})
    assert_our_look(client, reverse("account_confirm_password_reset_code"))
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(bob.email)})
    assert_our_look(client, reverse("account_complete_password_reset"))


def test_the_page_for_the_code_that_confirms_has_our_look(bobs: Client, bob: User) -> None:
    bobs.post(reverse("account_request_reauthentication_code"), {"recipient": bob.email})
    assert_our_look(bobs, reverse("account_confirm_reauthentication_code"))


def test_the_page_for_the_second_step_has_our_look(client: Client, bob: User, read_code: ReadCode) -> None:
    TOTP.activate(bob, generate_totp_secret())
    client.post(reverse("account_login"), {"login": bob.email})
    client.post(reverse("account_confirm_login_code"), {"code": read_code(bob.email)})
    assert_our_look(client, reverse("mfa_authenticate"))


def test_the_account_page_has_our_look(bobs: Client) -> None:
    assert_our_look(bobs, reverse("account"))
