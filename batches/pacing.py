"""The master key's images-per-minute, shared fairly: each customer's share in front of the common limit."""

import math
import threading
import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from batches.choices import RUNNABLE
from batches.models import Batch

#: How long a count of active customers is good for.
_COUNT_SECONDS = 2.0
#: A shorter wait than this would only be another miss.
_SHORTEST_WAIT_SECONDS = 0.25


def wait_seconds(user_id: int) -> float:
    """Take a place for one image of this customer; return 0, or how long to wait before asking again."""
    limit = settings.OPENAI_IMAGES_PER_MINUTE
    if not limit:
        return 0
    common = _rate(limit)
    share = _rate(math.ceil(limit / max(1, _active_customers.count())))
    limiter = _limiter()
    for rate, names in ((share, ("upstream-share", str(user_id))), (common, ("upstream",))):
        if not limiter.test(rate, *names):
            reset_at = limiter.get_window_stats(rate, *names).reset_time
            return max(_SHORTEST_WAIT_SECONDS, reset_at - time.time())
    if not limiter.hit(common, "upstream"):
        return _SHORTEST_WAIT_SECONDS
    limiter.hit(share, "upstream-share", str(user_id))
    return 0


def _rate(image_count: int) -> RateLimitItem:
    return RateLimitItemPerSecond(image_count, settings.OPENAI_LIMIT_SECONDS)


@cache
def _limiter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage_from_string(settings.RATE_LIMIT_STORAGE_URL))


class _ActiveCustomers:
    """How many customers have a batch under way, counted at most every two seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 1
        self._counted_at = -math.inf

    def count(self) -> int:
        with self._lock:
            if time.monotonic() - self._counted_at > _COUNT_SECONDS:
                self._count = Batch.objects.filter(status__in=RUNNABLE).values("user_id").distinct().count()
                self._counted_at = time.monotonic()
            return self._count


_active_customers = _ActiveCustomers()
