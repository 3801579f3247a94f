"""The images-per-minute limit of our API key, divided equally: each customer has a share of the common limit."""

import logging
import math
import random
from functools import cache

from django.conf import settings
from django.db.models import Count
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from batches.choices import RUNNABLE
from batches.models import Batch
from lib.timed_cache import TimedCache

logger = logging.getLogger(__name__)

#: Retrying sooner would rarely find a free place.
_SHORTEST_WAIT_SECONDS = 0.25
#: How often the waiting batches together try, on average, for each place that becomes free.
_TRIES_PER_PLACE = 4
#: A share is counted in units, so that it can shrink and grow with the number of customers.
_SHARE_UNITS = 100_000
_STORAGE_AWAY_SECONDS = 5.0


def wait_seconds(user_id: int) -> float:
    """Take a place for one image of this customer and return 0, or return the seconds to wait before the next try."""
    limit = settings.OPENAI_IMAGES_PER_MINUTE
    if not limit:
        return 0
    batch_counts = runnable_batches()
    share = math.ceil(limit / max(1, len(batch_counts)))
    try:
        if _take(user_id, limit, share):
            return 0
    except StorageError as error:
        # Fail closed: without the count we could exceed the limit, and upstream could close our account.
        logger.warning("the storage of the images-per-minute limit is not available: %s", error)
        return _STORAGE_AWAY_SECONDS
    seconds_per_place = settings.OPENAI_LIMIT_SECONDS / share
    wait = batch_counts.get(user_id, 1) * seconds_per_place / _TRIES_PER_PLACE
    return max(_SHORTEST_WAIT_SECONDS, wait * random.uniform(0.5, 1.5))


def _take(user_id: int, limit: int, share: int) -> bool:
    own, cost = _rate(_SHARE_UNITS), _SHARE_UNITS // share
    own_name = ("upstream-share", str(user_id))
    taken = limiter()
    if not taken.test(own, *own_name, cost=cost) or not taken.hit(_rate(limit), "upstream"):
        return False
    taken.hit(own, *own_name, cost=cost)
    return True


def _rate(amount: int) -> RateLimitItem:
    return RateLimitItemPerSecond(amount, settings.OPENAI_LIMIT_SECONDS)


@cache
def limiter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage_from_string(settings.RATE_LIMIT_STORAGE_URL, wrap_exceptions=True))


def _count_runnable() -> dict[int, int]:
    runnable = Batch.objects.filter(status__in=RUNNABLE).order_by().values_list("user_id")
    return dict(runnable.annotate(Count("pk")))


#: The number of runnable batches of each customer who has some.
runnable_batches = TimedCache(_count_runnable, seconds=2.0)
