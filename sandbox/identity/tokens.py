"""Codes and tokens: signed instead of stored, because the sandbox forgets everything when it stops."""

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import Any

import jwt
from django.conf import settings
from django.core import signing

Person = dict[str, Any]
CODE_SECONDS = 600
TOKEN_SECONDS = 3600


class Refused(Exception):
    """The code or token is not accepted."""


def code_for(person: Person, order: Mapping[str, str]) -> str:
    """Return the code that the site exchanges for a token."""
    bound = {name: order[name] for name in ("client_id", "redirect_uri", "code_challenge")}
    return signing.dumps({**bound, "person": person}, salt="identity.code")


def person_of_code(code: str, form: Mapping[str, str]) -> Person:
    """Return who signed in. Raises `Refused` unless the same client sends the verifier of its challenge."""
    try:
        bound = signing.loads(code, salt="identity.code", max_age=CODE_SECONDS)
    except signing.BadSignature as error:
        raise Refused from error
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    sent = {
        "client_id": form.get("client_id"),
        "redirect_uri": form.get("redirect_uri"),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "person": bound["person"],
    }
    if sent != bound:
        raise Refused
    person: Person = bound["person"]
    return person


def access_token(person: Person) -> str:
    """Return the token that reads the person's profile."""
    return signing.dumps(person, salt="identity.token")


def person_of_token(token: str) -> Person:
    """Return whose profile may be read. Raises `Refused`."""
    try:
        person: Person = signing.loads(token, salt="identity.token", max_age=TOKEN_SECONDS)
    except signing.BadSignature as error:
        raise Refused from error
    return person


def id_token(person: Person, *, issuer: str, audience: str) -> str:
    """Return OpenID Connect's token about the person, as Google fills it."""
    given_name, _, family_name = person["name"].partition(" ")
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "sub": person["subject"],
        "email": person["email"],
        "email_verified": person["email_verified"],
        "name": person["name"],
        "given_name": given_name,
        "family_name": family_name,
    }
    return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")
