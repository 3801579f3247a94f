"""Mails with codes in them, and visitors who come by Google or Microsoft."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.providers.google import views as google_views
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from imagesinbulk.config.social_providers import social_providers
from tests.upstream import Upstream

ComeBack = Callable[..., HttpResponse]
ReadCode = Callable[[str], str]
_CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.M)


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """Let tests sign in as often as they like; the limits have a test of their own."""
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def read_code(mailoutbox: list[Any]) -> ReadCode:
    """Return what reads the code in the last mail to that address; it stands on a line of its own."""

    def reader(address: str) -> str:
        letter = [letter for letter in mailoutbox if letter.to == [address]][-1]
        return _CODE.search(letter.body)[0]

    return reader


@pytest.fixture
def providers(settings: Any, monkeypatch: pytest.MonkeyPatch, running_sandbox: Upstream) -> dict[str, Any]:
    """Google and Microsoft, as the sandbox plays them; the settings are those of real ones but for the addresses."""
    played = social_providers(("", ""), ("", ""), running_sandbox.url)
    settings.SOCIALACCOUNT_PROVIDERS = played
    # allauth reads Google's addresses when its module is imported.
    monkeypatch.setattr(google_views, "ID_TOKEN_ISSUER", played["google"]["ID_TOKEN_ISSUER"])
    monkeypatch.setattr(google_views.GoogleOAuth2Adapter, "authorize_url", played["google"]["AUTHORIZE_URL"])
    monkeypatch.setattr(google_views.GoogleOAuth2Adapter, "access_token_url", played["google"]["ACCESS_TOKEN_URL"])
    return played


@pytest.fixture
def come_back(db: None, providers: dict[str, Any]) -> ComeBack:
    """Return what goes to the provider, signs in there with that address and comes back with the code."""

    def visitor(client: Client, provider: str, email: str, *, changes: Any = (), **person: Any) -> HttpResponse:
        there = client.post(reverse(f"{provider}_login")).url
        with requests.Session() as browser:
            browser.get(there, timeout=60).raise_for_status()
            token = browser.cookies["sandbox_csrftoken"]
            form = {"csrfmiddlewaretoken": token, "email": email, "name": "Ann Lee", "email_verified": "on", **person}
            answer = browser.post(there, data=form, allow_redirects=False, timeout=60)
        back = urlsplit(answer.headers["Location"])
        query = {name: values[0] for name, values in parse_qs(back.query).items()}
        return client.get(back.path, {**query, **dict(changes)})

    return visitor


def is_signed_in(client: Client) -> bool:
    """Return whether the browser is signed in."""
    return client.get(reverse("account")).status_code == 200
