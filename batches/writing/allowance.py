"""The free suggestions of a day. They are counted before the call upstream, so that many tabs cannot pass the limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from django.conf import settings
from django.db.models import F

from accounts.models import User
from batches.models import WritingUse


class LimitReached(Exception):
    """The day's suggestions are used up, or too few are left."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} left")
        self.left = left


@contextmanager
def counted(user: User, count: int) -> Iterator[None]:
    """Count suggestions, and give them back if the block fails. Raises `LimitReached`."""
    today = datetime.now(UTC).date()
    _take(user, count, today)
    try:
        yield
    except BaseException:
        WritingUse.objects.filter(user=user, day=today, count__gte=count).update(count=F("count") - count)
        raise


def _take(user: User, count: int, today: date) -> None:
    limit = settings.WRITING_SUGGESTIONS_PER_DAY
    WritingUse.objects.get_or_create(user=user, defaults={"day": today})
    mine = WritingUse.objects.filter(user=user)
    mine.exclude(day=today).update(day=today, count=0)
    # One statement compares and counts, so two requests cannot both take the last ones.
    if not mine.filter(day=today, count__lte=limit - count).update(count=F("count") + count):
        used = mine.values_list("count", flat=True).get()
        raise LimitReached(max(0, limit - used))
