"""The monthly limit of a key: the credits that its batches can use in a calendar month (UTC).

It counts credits charged this month and credits on hold. A batch that continues in the next month counts there as
well, so that no month has more charges than the limit.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import ApiKey
from batches.choices import OPEN_PROMPT
from batches.models import Prompt
from billing.refusals import KeyLimitReached

#: A cancelled batch can still charge its image in flight within this time.
_AFTER_THE_END = timedelta(days=1)


def month_start(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def credits_this_month(key: ApiKey) -> int:
    return credits_of_keys([key])[key.pk]


def credits_of_keys(keys: Iterable[ApiKey]) -> dict[int, int]:
    """Return the credits charged this month or on hold, by the key's primary key, in one query."""
    by_key = {key.pk: 0 for key in keys}
    start = month_start(timezone.now())
    # Batches that finished before this month have neither.
    under_way = Q(batch__finished_at=None) | Q(batch__finished_at__gte=start - _AFTER_THE_END)
    counted = Q(status__in=OPEN_PROMPT) | Q(charge__created_at__gte=start)
    prompts = Prompt.objects.filter(under_way, counted, batch__api_key__in=by_key)
    # Remove the default ordering, which would be added to GROUP BY.
    rows = prompts.order_by().values_list("batch__api_key").annotate(credits=Sum("credits"))
    return by_key | dict(rows)


def check(key: ApiKey | None, needed: int) -> None:
    """Raise `KeyLimitReached` if the key can't use that many more credits. The site (None) has no such limit.

    The customer's credit account must be locked, so that two batches aren't checked at the same time.
    """
    if key is None or key.monthly_credit_limit is None:
        return
    used = credits_this_month(key)
    if used + needed > key.monthly_credit_limit:
        raise KeyLimitReached(key.name, key.monthly_credit_limit, used, needed)
