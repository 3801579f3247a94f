"""How often a program may ask: requests a minute of each API key, counted in the shared cache."""

import logging
import math
import time
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

logger = logging.getLogger(__name__)


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


def count(key_id: str, per_minute: int) -> Standing:
    """Count one request of a key and return where it stands then."""
    item = RateLimitItemPerMinute(per_minute)
    try:
        is_allowed = _limiter().hit(item, "api", key_id)
        reset_at, remaining = _limiter().get_window_stats(item, "api", key_id)
    except StorageError:
        # Programs that are not counted do less harm than programs that are locked out.
        logger.warning("the storage of the request limits is away", exc_info=True)
        return Standing(per_minute, per_minute, 0)
    return Standing(per_minute, remaining, max(1, math.ceil(reset_at - time.time())), is_allowed)


@cache
def _limiter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage_from_string(settings.RATE_LIMIT_STORAGE_URL, wrap_exceptions=True))
