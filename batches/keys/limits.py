"""A key's own limit: the credits that its batches may use in a calendar month (UTC).

Counted are the images charged this month and whatever is still held. A batch that goes on into the next month
counts there as well, so that no month ever has more charges than the limit.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import ApiKey
from batches.choices import OPEN_PROMPT
from batches.models import Prompt
from billing.refusals import KeyLimitReached

#: The last image of a cancelled batch arrives so much later at most.
_AFTER_THE_END = timedelta(days=1)


def month_start(now: datetime) -> datetime:
    """Return the first moment of the calendar month in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def credits_this_month(key: ApiKey) -> int:
    """Return the credits of the key's batches that were charged this month or are held."""
    return credits_of_keys([key])[key.pk]


def credits_of_keys(keys: Iterable[ApiKey]) -> dict[int, int]:
    """Return the same for each of the keys, by the key's row, in one query."""
    by_key = {key.pk: 0 for key in keys}
    start = month_start(timezone.now())
    # Batches that were over before this month have neither.
    under_way = Q(batch__finished_at=None) | Q(batch__finished_at__gte=start - _AFTER_THE_END)
    counted = Q(status__in=OPEN_PROMPT) | Q(charge__created_at__gte=start)
    prompts = Prompt.objects.filter(under_way, counted, batch__api_key__in=by_key)
    # The model's own order would be added to what is grouped by.
    rows = prompts.order_by().values_list("batch__api_key").annotate(credits=Sum("credits"))
    return by_key | dict(rows)


def check(key: ApiKey | None, needed: int) -> None:
    """Raise `KeyLimitReached` if the key may not use so many credits more; None, the site, has no such limit.

    The customer's credit account must be locked, so that two batches do not count at the same moment.
    """
    if key is None or key.monthly_credit_limit is None:
        return
    used = credits_this_month(key)
    if used + needed > key.monthly_credit_limit:
        raise KeyLimitReached(key.name, key.monthly_credit_limit, used, needed)
