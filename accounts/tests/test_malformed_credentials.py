"""What no authenticator answers is refused with 400 and never crashes, at sign-in and when a key is added."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.credentials import credential
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

MALFORMED = {
    "no JSON": "{",
    "deep": "[" * 100_000,
    "number": "1",
    "list": "[]",
    "no fields": "{}",
    "one field": '{"id": "AA"}',
    "fields of other types": credential(response=1),
    "extensions": credential(clientExtensionResults="x"),
    "no base64": credential(rawId="!"),
    "short": credential(authenticator_data=b""),
    "deep CBOR": credential(authenticator_data=b"\x81" * 5000, kind="webauthn.create"),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.django_db
def test_a_malformed_credential_is_refused_at_sign_in(client: Client, text: str) -> None:
    assert client.post(reverse("mfa_login_webauthn"), {"credential": text}).status_code == 400


def test_a_malformed_credential_is_refused_when_a_key_is_added(just_signed_in: SignedIn, bob: User) -> None:
    post = partial(just_signed_in(bob).post, reverse("mfa_add_webauthn"))
    found = {name: post({"credential": text}).status_code for name, text in MALFORMED.items()}
    assert found == dict.fromkeys(MALFORMED, 400)


@pytest.mark.django_db
def test_a_credential_that_nobody_asked_for_is_refused_as_ever(client: Client) -> None:
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential()})
    assert answer.url == reverse("account_login")
