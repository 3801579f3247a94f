"""How often a program or a user may ask: requests in a minute of the clock, counted for all web processes.

A minute of the clock, because one step of the storage then counts the request and tells where the key stands; a
sliding minute takes two, and each is a trip to Redis with every request.
"""

import logging
import math
import time
from dataclasses import dataclass
from functools import cache
from typing import cast

from django.conf import settings
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string

logger = logging.getLogger(__name__)

_SECONDS = 60
_BYTES_OF_A_REQUEST = 500_000


@dataclass(frozen=True)
class Standing:
    """Where a key stands: its limit, how many requests are left, and after how many seconds there are more."""

    limit: int
    remaining: int
    reset_seconds: int
    is_allowed: bool = True

    def as_headers(self) -> dict[str, str]:
        """Return the headers that tell a program.

        As https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06 names them.
        """
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }
        return headers if self.is_allowed else {**headers, "Retry-After": str(self.reset_seconds)}


def cost_of(byte_count: int) -> int:
    """Return as how many requests one with so large a body counts."""
    return 1 + byte_count // _BYTES_OF_A_REQUEST


def count(key: str, per_minute: int, cost: int = 1) -> Standing:
    """Count one request of an API key, or of whatever the key names, and return where it stands then.

    A large one counts as `cost` requests.
    """
    minute, second = divmod(time.time(), _SECONDS)
    try:
        used = _storage().incr(f"api/{key}/{minute:.0f}", _SECONDS, cost)
    except StorageError:
        # Programs that are not counted do less harm than programs that are locked out.
        logger.warning("the storage of the request limits is away", exc_info=True)
        return Standing(per_minute, per_minute, 0)
    return Standing(per_minute, max(0, per_minute - used), math.ceil(_SECONDS - second), used <= per_minute)


@cache
def _storage() -> Storage:
    # No address of ours begins with async+, which would give the other kind.
    return cast(Storage, storage_from_string(settings.RATE_LIMIT_STORAGE_URL, wrap_exceptions=True))
