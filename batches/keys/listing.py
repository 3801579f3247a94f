"""A customer's API keys for their page: usable ones with the credits used, and ended ones."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiKey, User
from batches.keys import limits

#: The page lists only the newest ended keys.
_MOST_ENDED = 50


@dataclass(frozen=True)
class UsableKey:
    key: ApiKey
    credits_used: int


@dataclass(frozen=True)
class KeyList:
    usable: list[UsableKey]
    ended: QuerySet[ApiKey]


def key_list(user: User) -> KeyList:
    now, mine = timezone.now(), ApiKey.objects.of(user)
    usable = list(mine.usable(now))
    used = limits.credits_of_keys(key for key in usable if key.monthly_credit_limit is not None)
    ended = (mine.revoked() | mine.expired(now))[:_MOST_ENDED]
    return KeyList([UsableKey(key, used.get(key.pk, 0)) for key in usable], ended)
