"""Who asks for the addresses of the table: browsers and API keys of the named cast."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from operations.customers import roles
from tests.cast import give_credits, make_person, record_sign_in

DAY = 24 * 60 * 60
#: Of a sign-in: after five minutes it is no longer recent, and a busy machine may need longer for the tables.
AHEAD = 60 * 60


@dataclass(frozen=True)
class Asker:
    """What comes with each of somebody's requests."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """Alice owns what is asked for, Charlie is another customer, the others operate the site."""

    alice: User
    charlie: User
    staff: User
    viewer: User
    olga: User
    factorless: User
    #: By the name that the table has for their role.
    roles: dict[str, User]


def make_people() -> People:
    alice, charlie = make_person("Alice"), make_person("Charlie")
    viewer = make_person("Viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    olga = make_person("Olga", is_staff=True, is_superuser=True)
    factorless = make_person("Factorless", is_staff=True, is_superuser=True)
    people = People(alice, charlie, make_person("Staff", is_staff=True), viewer, olga, factorless, make_operators())
    for person in (alice, charlie, people.staff, olga):
        # Without credits of their own their keys would open nothing.
        give_credits(person, 50)
    for person in (alice, people.staff, viewer, olga, *people.roles.values()):
        TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(alice)
    add_passkey(alice)
    return people


def make_operators() -> dict[str, User]:
    """Make an operator of each role."""
    operators = {"chief": roles.OWNER, **{role.lower(): role for role in roles.ROLES}}
    people = {name: make_person(name, is_staff=True) for name in operators}
    for name, role in operators.items():
        people[name].groups.add(Group.objects.get(name=role))
    return people


def browsers(people: People) -> dict[str, Asker]:
    """Return the browsers by the name that the table has for them."""
    return {
        "anonymous": Asker(),
        "owner": _with_factor(people.alice),
        "stranger": _with_factor(people.charlie),
        "day-old": _with_factor(people.alice, age=DAY),
        "staff": _with_factor(people.staff),
        "viewer": _with_factor(people.viewer),
        "superuser": _with_factor(people.olga),
        "unproven": _browser(people.olga, {"method": "password", "at": time.time() + AHEAD}),
        "no-factor": _browser(people.factorless, {"method": "password", "at": time.time() + AHEAD}),
        **{role: _with_factor(user) for role, user in people.roles.items()},
    }


def add_passkey(user: User) -> Authenticator:
    """Add a security key as a browser registers it, with a public key that nobody has the private part of."""
    public_key = ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
    credential = AttestedCredentialData.create(Aaguid(bytes(16)), b"blue key", public_key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(sha256(b"testserver").digest(), flags, 0, credential)
    answer = {
        "id": websafe_encode(b"blue key"),
        "rawId": websafe_encode(b"blue key"),
        "type": "public-key",
        "response": {
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            "clientDataJSON": websafe_encode(CollectedClientData.create("webauthn.create", b"", "http://testserver")),
        },
    }
    return WebAuthn.add(user, "Blue key", answer).instance


def _with_factor(user: User, age: int = 0) -> Asker:
    """A browser in which the user signed in, and presented the second factor if there is one, so many seconds ago."""
    factors = Authenticator.objects.filter(user=user)
    presented = [
        {"method": "mfa", "id": factor.pk, "type": factor.type, "at": time.time() + AHEAD - age} for factor in factors
    ]
    return _browser(user, {"method": "password", "at": time.time() + AHEAD - age}, *presented)


def _browser(user: User, *records: dict[str, Any]) -> Asker:
    client = Client()
    client.force_login(user)
    record_sign_in(client, user, *records)
    client.get("/.well-known/change-password")  # notes the session, so that later requests need not
    return Asker(cookies={name: morsel.value for name, morsel in client.cookies.items()})


def programs(people: People) -> dict[str, Asker]:
    """Return the API keys by the name that the table has for them; the first ones are all refused."""
    gone = make_person("Gone", is_active=False)
    revoked, revoked_text = api_keys.create(people.alice, "revoked")
    revoked.revoke(people.alice)
    yesterday = timezone.now() - timedelta(days=1)
    everything = ApiKey.Scope.values
    return {
        "no key": Asker(),
        "a session, no key": _with_factor(people.alice),
        "unknown key": _bearer(f"iib_{'0' * 12}_{'0' * 48}"),
        "revoked key": _bearer(revoked_text),
        "expired key": _bearer(api_keys.create(people.alice, "expired", everything, expires_at=yesterday)[1]),
        "deactivated user's key": _bearer(api_keys.create(gone, "gone", everything)[1]),
        **{scope: _bearer(api_keys.create(people.alice, scope, [scope])[1]) for scope in everything},
        "stranger's key": _bearer(api_keys.create(people.charlie, "stranger's", everything)[1]),
        "staff's key": _bearer(api_keys.create(people.staff, "staff's", everything)[1]),
        "superuser's key": _bearer(api_keys.create(people.olga, "superuser's", everything)[1]),
    }


def _bearer(key: str) -> Asker:
    return Asker(headers={"Authorization": f"Bearer {key}"})
