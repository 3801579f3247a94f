"""Days in UTC, as operators and the API count them."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q


def end_of(day: date) -> datetime:
    # People enter 9999-12-31 for "never", and no day follows it.
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def within(field: str, day: date) -> Q:
    return Q(**{f"{field}__gte": datetime.combine(day, time(), UTC), f"{field}__lt": end_of(day)})
