"""A customer's API keys as their page shows them: what works, what of its limit is used, and what has ended."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiKey, User
from batches.keys import limits

#: Ended keys are listed newest first, and so many of them.
_MOST_ENDED = 50


@dataclass(frozen=True)
class UsableKey:
    """A key that works, with the credits of this month that count towards its limit."""

    key: ApiKey
    credits_used: int


@dataclass(frozen=True)
class KeyList:
    """All that a customer sees of their keys."""

    usable: list[UsableKey]
    ended: QuerySet[ApiKey]


def key_list(user: User, now: datetime | None = None) -> KeyList:
    """Return the user's keys."""
    now = now or timezone.now()
    mine = ApiKey.objects.of(user)
    usable = list(mine.usable(now))
    used = limits.credits_of_keys(key for key in usable if key.monthly_credit_limit is not None)
    ended = (mine.revoked() | mine.expired(now))[:_MOST_ENDED]
    return KeyList([UsableKey(key, used.get(key.pk, 0)) for key in usable], ended)
