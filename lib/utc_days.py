"""Days in UTC, as operators and the API count them."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q


def end_of(day: date) -> datetime:
    """Return when the day is over, which is the start of the next one."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def within(field: str, day: date) -> Q:
    """Return the condition that the time in this column is on the day."""
    return Q(**{f"{field}__gte": datetime.combine(day, time(), UTC), f"{field}__lt": end_of(day)})
