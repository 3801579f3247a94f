"""The stand-in's time, which only moves forward."""

import calendar
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

DAY_SECONDS = 24 * 3600


class Clock:
    """Unix time in seconds: the real one plus what has been skipped."""

    def __init__(self) -> None:
        self.skipped_seconds = 0
        self._frozen_at: int | None = None

    def now(self) -> int:
        return int(time.time()) + self.skipped_seconds if self._frozen_at is None else self._frozen_at

    def move_to(self, moment: int) -> None:
        """Move forward to a moment; a past one changes nothing."""
        self.skipped_seconds += max(0, moment - self.now())

    @contextmanager
    def frozen_at(self, moment: int) -> Iterator[None]:
        """Stop the clock at a moment while what is due then happens."""
        before, self._frozen_at = self._frozen_at, moment
        try:
            yield
        finally:
            self._frozen_at = before


def months_later(moment: int, months: int, anchor_day: int | None = None) -> int:
    """The same day and time `months` later; a day that the month does not have becomes its last one.

    `anchor_day` is the day of the month on which a subscription began: the 31st comes back after February.
    """
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return int(start.replace(year=year, month=month + 1, day=min(anchor_day or start.day, last_day)).timestamp())


def day_of_month(moment: int) -> int:
    """The day of the month, in UTC as Stripe counts."""
    return datetime.fromtimestamp(moment, UTC).day
