"""API keys: `iib_<id>_<secret>`. The id finds the row, the hash of the secret proves the key."""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import emails
from accounts.audit.origin import Origin
from accounts.models import ApiKey, AuditAction, User

SHAPE = re.compile(r"iib_([a-z0-9]{12})_([a-f0-9]{48})")
#: All scopes but the one for payments.
DEFAULT_SCOPES = (ApiKey.Scope.BATCHES_READ, ApiKey.Scope.BATCHES_WRITE, ApiKey.Scope.USAGE_READ)
#: Keys of one user that work at the same time.
MAX_KEYS = 20
#: Compared if there is no such key, so that it takes as long.
_NO_HASH = "0" * 64


class KeyRefused(Exception):
    """The key is not valid. Its subclasses are only raised for the right secret."""

    code = "invalid_key"
    sentence = "This API key is not valid."


class KeyRevoked(KeyRefused):
    code = "revoked_key"
    sentence = "This API key was revoked."


class KeyExpired(KeyRefused):
    code = "expired_key"
    sentence = "This API key has expired."


class MadeBefore(Exception):
    """The same form created a key before, whose text can't be shown again."""


class TooManyKeys(Exception):
    """The user already has `MAX_KEYS` that work."""


@transaction.atomic
def create(
    user: User,
    name: str,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    *,
    expires_at: datetime | None = None,
    monthly_credit_limit: int | None = None,
    actor: User | None = None,
    public_id: str = "",
) -> tuple[ApiKey, str]:
    """Create a key, mail the user, and return it with its text, which can't be read again.

    `actor` is who creates it, None on the command line. `public_id` is random by default.
    """
    public_id, secret = public_id or secrets.token_hex(6), secrets.token_hex(24)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        public_id=public_id,
        secret_sha256=_hash(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        monthly_credit_limit=monthly_credit_limit,
    )
    key.note(actor, AuditAction.KEY_CREATED)
    emails.send(user, "accounts/email/key_created", **_about(key))
    return key, f"iib_{public_id}_{secret}"


@transaction.atomic
def create_once(
    user: User, submission_key: uuid.UUID, name: str, scopes: Sequence[str], **terms: Any
) -> tuple[ApiKey, str]:
    """Create a key for its owner, once for each form; `terms` are those of `create`.

    Raises `MadeBefore` if the form was sent before, and `TooManyKeys`.
    """
    # Locks the user: if the form is sent twice at once, the second request finds the key of the first.
    User.objects.select_for_update().get(pk=user.pk)
    public_id = hashlib.sha256(f"{user.pk} {submission_key}".encode()).hexdigest()[:12]
    if ApiKey.objects.filter(public_id=public_id).exists():
        raise MadeBefore
    if ApiKey.objects.of(user).usable(timezone.now()).count() >= MAX_KEYS:
        raise TooManyKeys
    return create(user, name, scopes, actor=user, public_id=public_id, **terms)


def find(text: str, *related: str) -> ApiKey:
    """Return the key with this text, with `user` and `related`. Raises `KeyRefused`, `KeyRevoked` or `KeyExpired`."""
    match = SHAPE.fullmatch(text)
    if match is None:
        raise KeyRefused
    key = ApiKey.objects.select_related("user", *related).filter(public_id=match[1]).first()
    is_right = hmac.compare_digest(key.secret_sha256 if key else _NO_HASH, _hash(match[2]))
    if key is None or not is_right or not key.user.is_active:
        raise KeyRefused
    if key.revoked_at:
        raise KeyRevoked
    if key.is_expired(timezone.now()):
        raise KeyExpired
    return key


def _about(key: ApiKey) -> dict[str, Any]:
    scopes = [ApiKey.Scope(scope).label for scope in key.scopes]
    keys_url = settings.SITE_URL + reverse("keys:list")
    return {"key": key, "scopes": scopes, "origin": Origin.of_request(), "keys_url": keys_url}


def _hash(secret: str) -> str:
    # A fast hash is safe for 192 random bits.
    return hashlib.sha256(secret.encode()).hexdigest()
