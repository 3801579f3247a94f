"""API keys: `iib_<id>_<secret>`. The id finds the row, the hash of the secret proves the key."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, AuditEntry, User

SHAPE = re.compile(r"iib_([a-z0-9]{12})_([a-f0-9]{48})")
#: What a key may do unless its maker says otherwise: everything but take payments.
USUAL_SCOPES = (ApiKey.Scope.BATCHES_READ, ApiKey.Scope.BATCHES_WRITE, ApiKey.Scope.USAGE_READ)
#: Compared where no row was found, so that this takes as long.
_NO_HASH = "0" * 64


class KeyRefused(Exception):
    """The key lets nobody in. Only who has the right secret learns more than that."""

    code = "invalid_key"
    sentence: str | Promise = _("This is not a valid API key.")


class KeyRevoked(KeyRefused):
    """It was revoked."""

    code = "revoked_key"
    sentence = _("This API key was revoked.")


class KeyExpired(KeyRefused):
    """Its day has come."""

    code = "expired_key"
    sentence = _("This API key has expired.")


@transaction.atomic
def create(
    user: User,
    name: str,
    scopes: Sequence[str] = USUAL_SCOPES,
    *,
    expires_at: datetime | None = None,
    monthly_credit_limit: int | None = None,
    actor: User | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for the user and return it with its text, which cannot be read again.

    `actor` is who made it, None on the command line.
    """
    public_id, secret = secrets.token_hex(6), secrets.token_hex(24)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        public_id=public_id,
        secret_sha256=_hash(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        monthly_credit_limit=monthly_credit_limit,
    )
    key.note(actor, AuditEntry.Action.KEY_CREATED)
    return key, f"iib_{public_id}_{secret}"


def find(text: str) -> ApiKey:
    """Return the key of that text, with its user. Raises `KeyRefused`, `KeyRevoked` or `KeyExpired`."""
    match = SHAPE.fullmatch(text)
    if match is None:
        raise KeyRefused
    key = ApiKey.objects.select_related("user").filter(public_id=match[1]).first()
    is_right = hmac.compare_digest(key.secret_sha256 if key else _NO_HASH, _hash(match[2]))
    if key is None or not is_right or not key.user.is_active:
        raise KeyRefused
    if key.revoked_at:
        raise KeyRevoked
    if key.is_expired(timezone.now()):
        raise KeyExpired
    return key


def _hash(secret: str) -> str:
    # 192 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
