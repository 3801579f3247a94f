"""Limits on the requests of a user or an API key in a minute of the clock, counted for all web processes.

A minute of the clock takes one call to the storage, which is often Redis; a sliding minute takes two.
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
    """The limit of a key, how many requests are left, and in how many seconds it is reset."""

    limit: int
    remaining: int
    reset_seconds: int
    is_allowed: bool = True

    def as_headers(self) -> dict[str, str]:
        """Return the headers of https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06."""
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }
        return headers if self.is_allowed else {**headers, "Retry-After": str(self.reset_seconds)}


def cost_of(byte_count: int) -> int:
    return 1 + byte_count // _BYTES_OF_A_REQUEST


def count(key: str, per_minute: int, cost: int = 1) -> Standing:
    minute, second = divmod(time.time(), _SECONDS)
    try:
        used = storage().incr(f"api/{key}/{minute:.0f}", _SECONDS, cost)
    except StorageError as error:
        # Refusing every request would do more harm than some minutes without limits.
        logger.warning("the storage of the request limits is not available: %s", error)
        return Standing(per_minute, per_minute, 0)
    return Standing(per_minute, max(0, per_minute - used), math.ceil(_SECONDS - second), used <= per_minute)


@cache
def storage() -> Storage:
    # Only URLs that begin with async+ give the other kind of storage.
    return cast(Storage, storage_from_string(settings.RATE_LIMIT_STORAGE_URL, wrap_exceptions=True))
