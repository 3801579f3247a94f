"""Google's and Microsoft's sign-in as the sandbox plays them; accounts/tests/test_providers.py signs in with them."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from sandbox.tests.conftest import Sandbox
from tests.site_settings import settings_with

SITE = "http://127.0.0.1:8000/accounts/google/login/callback/"
VERIFIER = "a-verifier-that-only-the-site-knows-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ORDER = {
    "response_type": "code",
    "client_id": "sandbox",
    "redirect_uri": SITE,
    "state": "s1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
ADA = {"email": "ada@example.org", "name": "Ada Lovelace", "email_verified": "on"}
GOOGLE, MICROSOFT = "/google/o/oauth2/v2/auth", "/microsoft/common/oauth2/v2.0/authorize"


def opened(sandbox: Sandbox, path: str = GOOGLE, **changes: str) -> requests.Response:
    return requests.get(f"{sandbox.url}{path}", params={**ORDER, **changes}, timeout=60)


def code_of(sandbox: Sandbox, path: str = GOOGLE, **person: str) -> str:
    with requests.Session() as browser:
        browser.get(f"{sandbox.url}{path}", params=ORDER, timeout=60)
        form = {**ADA, **person, "csrfmiddlewaretoken": browser.cookies["sandbox_csrftoken"]}
        answer = browser.post(f"{sandbox.url}{path}", params=ORDER, data=form, allow_redirects=False, timeout=60)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["s1"]
    return back["code"][0]


def exchanged(sandbox: Sandbox, code: str, path: str = "/google/token", **changes: str) -> requests.Response:
    form = {"code": code, "client_id": "sandbox", "redirect_uri": SITE, "code_verifier": VERIFIER, **changes}
    return requests.post(f"{sandbox.url}{path}", data=form, timeout=60)


@pytest.mark.parametrize("path", [GOOGLE, MICROSOFT])
def test_the_page_says_that_nothing_is_real(sandbox: Sandbox, path: str) -> None:
    assert "SANDBOX: nothing here is real" in opened(sandbox, path).text


def test_google_says_whether_the_address_is_verified(sandbox: Sandbox) -> None:
    answer = exchanged(sandbox, code_of(sandbox, email_verified="")).json()
    claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
    assert (claims["email"], claims["email_verified"]) == ("ada@example.org", False)
    assert claims["iss"] == f"{sandbox.url}/google"


def test_microsoft_does_not_ask_whether_the_address_is_verified(sandbox: Sandbox) -> None:
    assert 'name="email_verified"' in opened(sandbox, GOOGLE).text
    assert 'name="email_verified"' not in opened(sandbox, MICROSOFT).text


def test_graph_returns_who_signed_in(sandbox: Sandbox) -> None:
    code = code_of(sandbox, MICROSOFT, subject="ada-1")
    token = exchanged(sandbox, code, "/microsoft/common/oauth2/v2.0/token").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    profile = requests.get(f"{sandbox.url}/microsoft/v1.0/me", headers=headers, timeout=60).json()
    assert (profile["id"], profile["mail"], profile["surname"]) == ("ada-1", "ada@example.org", "Lovelace")


def test_graph_returns_nothing_without_a_token(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/microsoft/v1.0/me", timeout=60).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "another-verifier-that-the-site-does-not-know"},
        {"client_id": "another"},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere/"},
        {"code": "forged"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_code_is_good_for_the_client_that_asked_only(sandbox: Sandbox, changes: dict[str, str]) -> None:
    assert exchanged(sandbox, **{"code": code_of(sandbox), **changes}).status_code == 400


@pytest.mark.parametrize(
    "address", ["https://evil.test/", "javascript:alert(1)", "//evil.test/", "http://[", "nothing"]
)
def test_nobody_is_sent_on_to_another_machine(sandbox: Sandbox, address: str) -> None:
    assert opened(sandbox, redirect_uri=address).status_code == 400


def test_forms_may_lead_back_to_the_site(sandbox: Sandbox) -> None:
    policy = opened(sandbox).headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:8000" in policy


def test_beside_real_client_ids_nobody_is_played(start_sandbox: Callable[..., Any]) -> None:
    _, url = start_sandbox(GOOGLE_CLIENT_ID="real", SANDBOX_IDENTITY="on")
    assert requests.get(f"{url}{MICROSOFT}", params=ORDER, timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("environment", "is_played"),
    [
        ({}, True),
        ({"SITE_URL": "http://localhost:9000"}, True),
        ({"GOOGLE_CLIENT_ID": "real"}, False),
        ({"MICROSOFT_CLIENT_ID": "real"}, False),
        ({"OPENAI_API_KEY": "sk-real"}, False),
        ({"SITE_URL": "https://localhost"}, False),
        ({"SITE_URL": "http://192.168.1.5:8000"}, False),
    ],
)
def test_the_site_goes_to_the_sandbox_only_on_ones_own_machine(
    environment: dict[str, str], is_played: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    unset = dict.fromkeys(["GOOGLE_CLIENT_ID", "MICROSOFT_CLIENT_ID", "OPENAI_API_KEY"], "")
    here = {"SITE_URL": "http://127.0.0.1:8000", "SANDBOX_URL": "http://127.0.0.1:7"}
    found = settings_with(monkeypatch, **{**unset, **here, **environment})
    form_action = found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]
    assert found["IDENTITY_SANDBOX"] is is_played
    assert ("127.0.0.1:7" in json.dumps(found["SOCIALACCOUNT_PROVIDERS"])) is is_played
    assert ("https://accounts.google.com" in form_action) is not is_played
