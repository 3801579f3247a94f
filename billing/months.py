"""Months counted from a day: a plan that began on the 31st renews on the last day of a shorter month."""

import calendar
from datetime import datetime, timedelta

SHORTEST_MONTH, LONGEST_MONTH = timedelta(days=28), timedelta(days=31)


def add_months(anchor: datetime, count: int) -> datetime:
    """Return the same time `count` months after `anchor`, on the month's last day if it is too short.

    Always count from the anchor, not from an earlier result: 31 January, 28 February, 31 March.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + count, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last_day))


def months_since(anchor: datetime, now: datetime) -> int:
    """Return how many whole months have passed since `anchor`; negative before it."""
    count = (now.year - anchor.year) * 12 + now.month - anchor.month
    return count if add_months(anchor, count) <= now else count - 1


def month_around(anchor: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return start and end of the month, counted from `anchor`, that contains `now`. The end is exclusive."""
    count = months_since(anchor, now)
    return add_months(anchor, count), add_months(anchor, count + 1)
