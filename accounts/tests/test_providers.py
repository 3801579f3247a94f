"""Google and Microsoft sign-in, with the settings of a configured site, against stand-ins that demand PKCE."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.providers.google import views as google_views
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from tests import identity_providers
from tests.processes import ROOT

ANN = {"email": "Ann@gmail.com", "email_verified": True, "given_name": "Ann", "family_name": "Lee", "name": "Ann Lee"}
GOOGLE = {
    "ann": ANN,
    "bob": {"email": "bob@example.org", "email_verified": True, "name": "Bob"},
    "unsure": {"email": "bob@example.org", "email_verified": False, "name": "Not Bob"},
}
HOTMAIL = {"id": "a1b2", "displayName": "Hot Mail", "givenName": "Hot", "surname": "Mail", "mail": None}
MICROSOFT = {
    "hot": {**HOTMAIL, "userPrincipalName": "hot@hotmail.com"},
    "mallory": {"id": "e5f6", "displayName": "Mallory", "mail": "bob@example.org", "userPrincipalName": "m@evil.test"},
}
# The mock's own library moves to another; that is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
ComeBack = Callable[..., HttpResponse]


@pytest.fixture(scope="module")
def configured() -> dict[str, Any]:
    """What our settings make of a site where both providers are configured."""
    names = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET")
    script = "import json; from imagesinbulk import settings; print(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))"
    environment = {**os.environ, **dict.fromkeys(names, "for-tests")}
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def google_url() -> Iterator[str]:
    """A Google that knows the people above."""
    with identity_providers.served(identity_providers.google(GOOGLE)) as url:
        yield url


@pytest.fixture(scope="module")
def microsoft_url() -> Iterator[str]:
    """A Microsoft that knows the people above."""
    with identity_providers.served(identity_providers.microsoft(MICROSOFT)) as url:
        yield url


@pytest.fixture(autouse=True)
def providers(
    settings: Any, monkeypatch: pytest.MonkeyPatch, configured: dict[str, Any], google_url: str, microsoft_url: str
) -> dict[str, Any]:
    """The configured site, sent to the stand-ins."""
    chosen = json.loads(json.dumps(configured))
    chosen["microsoft"]["APPS"][0]["settings"] |= {"login_url": microsoft_url, "graph_url": microsoft_url}
    settings.SOCIALACCOUNT_PROVIDERS = chosen
    # allauth reads Google's addresses when its module is imported.
    monkeypatch.setattr(google_views, "ID_TOKEN_ISSUER", google_url)
    monkeypatch.setattr(google_views.GoogleOAuth2Adapter, "authorize_url", f"{google_url}/oauth2/authorize")
    monkeypatch.setattr(google_views.GoogleOAuth2Adapter, "access_token_url", f"{google_url}/oauth2/token")
    return chosen


@pytest.fixture
def come_back(db: None) -> ComeBack:
    """Return what goes to the provider, signs in there as `subject` and comes back with the code."""

    def visitor(client: Client, provider: str, subject: str, **changes: str) -> HttpResponse:
        there = client.post(reverse(f"{provider}_login")).url
        answer = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["Location"])
        query = {name: values[0] for name, values in parse_qs(back.query).items()}
        return client.get(back.path, {**query, **changes})

    return visitor


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def test_google_makes_an_account_with_a_name(client: Client, come_back: ComeBack) -> None:
    come_back(client, "google", "ann")
    assert is_signed_in(client)
    assert User.objects.get(email="ann@gmail.com").name == "Ann Lee"


def test_googles_verified_address_opens_the_account_that_has_it(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", "bob")
    assert client.get(reverse("account")).context["user"] == bob


def test_googles_unverified_address_opens_nothing(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", "unsure")
    assert not is_signed_in(client)


def test_microsoft_has_to_confirm_the_address(client: Client, come_back: ComeBack) -> None:
    answer = come_back(client, "microsoft", "hot")
    assert answer.url == reverse("account_email_verification_sent")
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_microsoft_knows_the_name(client: Client, come_back: ComeBack) -> None:
    come_back(client, "microsoft", "hot")
    assert User.objects.get(email="hot@hotmail.com").name == "Hot Mail"


def test_microsoft_claiming_a_strangers_address_opens_nothing(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "microsoft", "mallory")
    assert not is_signed_in(client)
    assert not bob.socialaccount_set.exists()


def test_no_setting_makes_microsofts_address_believed(
    client: Client, come_back: ComeBack, bob: User, providers: dict[str, Any]
) -> None:
    providers["microsoft"] |= {"VERIFIED_EMAIL": True, "EMAIL_AUTHENTICATION": True}
    come_back(client, "microsoft", "mallory")
    assert not is_signed_in(client)


@pytest.mark.parametrize(("provider", "subject"), [("google", "ann"), ("microsoft", "hot")])
def test_a_code_without_pkce_is_refused(
    provider: str, subject: str, client: Client, come_back: ComeBack, providers: dict[str, Any]
) -> None:
    providers[provider]["OAUTH_PKCE_ENABLED"] = False
    there = client.post(reverse(f"{provider}_login")).url
    assert requests.get(there, timeout=10).status_code == 400


def test_a_forged_state_is_refused_in_our_look(client: Client, come_back: ComeBack) -> None:
    answer = come_back(client, "google", "ann", state="forged")
    assert answer.status_code == 401
    assert 'class="top"' in answer.content.decode()


def test_the_second_step_is_asked_after_google_too(client: Client, come_back: ComeBack, bob: User) -> None:
    TOTP.activate(bob, generate_totp_secret())
    assert come_back(client, "google", "bob").url.startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)


@pytest.mark.django_db
def test_both_buttons_are_shown_where_configured(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "Continue with Google" in page
    assert "Continue with Microsoft" in page


@pytest.mark.django_db
def test_no_button_is_shown_where_nothing_is_configured(client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {}, "microsoft": {}}
    assert "Continue with" not in client.get(reverse("account_login")).content.decode()


def test_who_comes_in_with_google_is_in_the_trail(client: Client, come_back: ComeBack, bob: User) -> None:
    come_back(client, "google", "bob")
    came_in, connected = AuditEntry.objects.of(bob)
    assert (connected.action, connected.note) == (AuditAction.SOCIAL_CONNECTED, "google")
    assert (came_in.action, came_in.note) == (AuditAction.SIGNED_IN, "google")
