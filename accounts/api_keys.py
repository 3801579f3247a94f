"""API keys: `iib_<id>_<secret>`. The id finds the row, the hash of the secret proves the key."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from django.utils import timezone

from accounts.models import ApiKey, User

SHAPE = re.compile(r"^iib_([a-z0-9]{12})_([a-f0-9]{48})$")


def create(user: User, name: str, scopes: Sequence[str] = ()) -> str:
    """Make a key for the user and return it; it cannot be read again."""
    public_id, secret = secrets.token_hex(6), secrets.token_hex(24)
    ApiKey.objects.create(
        user=user, name=name, public_id=public_id, secret_sha256=_hash(secret), scopes=sorted(set(scopes))
    )
    return f"iib_{public_id}_{secret}"


def find(text: str) -> ApiKey | None:
    """Return the key if it is right, not revoked, and its owner active; None otherwise."""
    match = SHAPE.match(text)
    if not match:
        return None
    key = ApiKey.objects.select_related("user").filter(public_id=match[1], revoked_at=None).first()
    if key is None or not hmac.compare_digest(key.secret_sha256, _hash(match[2])) or not key.user.is_active:
        return None
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
    return key


def _hash(secret: str) -> str:
    # 192 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
