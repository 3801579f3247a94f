"""A user's API requests, images and credits per day (UTC) and key.

Requests are counted by `accounts.keys.usage`. Images and credits are the charges in the ledger. Images made on the
site have no key.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import ApiKey, KeyUsageDay, User
from batches.models import Batch, Preset, Prompt

DEFAULT_DAYS = 30
MAX_DAYS = 365


@dataclass
class Amounts:
    requests: int = 0
    images: int = 0
    credits: int = 0

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.credits, self.images, self.requests

    def add(self, other: "Amounts") -> None:
        self.requests += other.requests
        self.images += other.images
        self.credits += other.credits


@dataclass
class KeyUsage:
    """The usage of one key, only on days with usage; `key` is None for the site."""

    key: ApiKey | None
    days: dict[date, Amounts] = field(default_factory=lambda: defaultdict(Amounts))
    totals: Amounts = field(default_factory=Amounts)


@dataclass
class Usage:
    days: dict[date, Amounts]
    keys: list[KeyUsage]
    totals: Amounts

    def only(self, key: ApiKey | None) -> "Usage":
        """Return the usage of one key, or of the site for None, on every day of the period."""
        part = next((each for each in self.keys if each.key == key), KeyUsage(key))
        return Usage({on: part.days.get(on, Amounts()) for on in self.days}, [part], part.totals)


def usage(user: User, days: int = DEFAULT_DAYS) -> Usage:
    """Return the user's usage of the last `days` days, including today."""
    today = datetime.now(UTC).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    by_key = _by_key(user, dates[0])
    whole = Usage({on: Amounts() for on in dates}, [], Amounts())
    for each in by_key:
        for on, amounts in each.days.items():
            # Charges made after midnight can appear if the day changes during this function.
            if on in whole.days:
                each.totals.add(amounts)
                whole.days[on].add(amounts)
        whole.totals.add(each.totals)
    whole.keys = sorted(by_key, key=lambda each: (-each.totals.credits, -each.totals.requests))
    return whole


def _by_key(user: User, start: date) -> list[KeyUsage]:
    keys = ApiKey.objects.of(user).in_bulk()
    found: dict[int | None, KeyUsage] = {}
    for key_id, on, amounts in [*_requests(user, start), *_images(user, start)]:
        # The key may have been created since `keys` was read.
        entry = found.setdefault(key_id, KeyUsage(keys.get(key_id) if key_id else None))
        entry.days[on].add(amounts)
    return list(found.values())


def _requests(user: User, start: date) -> list[tuple[int | None, date, Amounts]]:
    rows = KeyUsageDay.objects.filter(key__user=user, on__gte=start).values_list("key_id", "on", "requests")
    return [(key_id, on, Amounts(requests=requests)) for key_id, on, requests in rows]


def _images(user: User, start: date) -> list[tuple[int | None, date, Amounts]]:
    since = timezone.make_aware(datetime.combine(start, time()), UTC)
    charged = Prompt.objects.filter(charge__account__user=user, charge__created_at__gte=since)
    by_day = charged.annotate(on=TruncDate("charge__created_at", tzinfo=UTC)).values_list("batch__api_key", "on")
    # Remove the default ordering, which would be added to GROUP BY.
    rows = by_day.annotate(images=Count("pk"), credits=-Sum("charge__amount")).order_by()
    return [(key_id, on, Amounts(0, *made)) for key_id, on, *made in rows]


def stored_characters(user: User) -> int:
    return Batch.objects.owned_by(user).character_count() + Preset.objects.owned_by(user).character_count()
