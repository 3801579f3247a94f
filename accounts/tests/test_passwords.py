"""Passwords that may be chosen, and what a wrong one costs."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

PASSWORD = "a violin under the stairs"
# In no list of Django's: that has 20,000.
STOLEN = "iloveyou123!"


def test_a_stolen_password_is_refused(just_signed_in: SignedIn, bob: User) -> None:
    answer = just_signed_in(bob).post(reverse("account_set_password"), {"password1": STOLEN, "password2": STOLEN})
    assert "appeared in a data breach" in answer.content.decode()
    bob.refresh_from_db()
    assert not bob.has_usable_password()


@pytest.mark.parametrize("password", ["fiddle123", "Password123!", "1029384756"])
def test_what_attackers_try_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_a_sentence_is_accepted() -> None:
    validate_password(PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["with a password", "without a password", "unknown"])
def test_a_wrong_password_is_hashed_once_whoever_has_the_address(
    kind: str, client: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "with a password":
        bob.set_password(PASSWORD)
        bob.save(update_fields=["password"])
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    address = "nobody@example.org" if kind == "unknown" else bob.email
    client.post(reverse("account_login"), {"login": address, "password": "something else"})
    assert len(hashed) == 1
