"""Figures of the current moment, which no row records. A day has the last sample or the highest."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Min, Sum
from django.utils import timezone

from batches.models import Prompt
from batches.runs import heartbeat
from billing.models import Membership
from operations.dashboard.counted import Figures
from operations.models import DailyFigure, Figure
from operations.monitoring import queue

_HIGHEST = {Figure.QUEUE_DEPTH, Figure.WORKERS, Figure.WEBHOOK_LAG}


def figures_now() -> Figures:
    """Return the figures of today, with the highest sample so far where that counts."""
    today = DailyFigure.objects.filter(day=timezone.localdate(), name__in=_HIGHEST)
    before = dict(today.values_list("name", "value"))
    found = {(name, ""): Decimal(value) for name, value in _samples()}
    return {key: max(value, before.get(key[0], value)) for key, value in found.items()}


def _samples() -> Iterator[tuple[Figure, int]]:
    paying = list(_paying())
    yield Figure.SUBSCRIBERS, len(paying)
    yield Figure.MRR_CENTS, round(sum(map(_cents_per_month, paying)))
    yield Figure.QUEUE_DEPTH, queue.depth()
    yield Figure.WORKERS, len(heartbeat.alive_workers())
    yield Figure.WEBHOOK_LAG, round(queue.webhook_lag_seconds())
    on_server = Prompt.objects.on_server()
    yield Figure.STORAGE_BYTES, on_server.aggregate(bytes=Sum("byte_count", default=0))["bytes"]
    made_at = on_server.filter(confirmed_at=None).aggregate(at=Min("ready_at"))["at"]
    yield Figure.UNFETCHED_HOURS, round((timezone.now() - made_at).total_seconds() / 3600) if made_at else 0


def _paying() -> Iterator[Membership]:
    now = timezone.now()
    rows = Membership.objects.live().filter(source=Membership.Source.STRIPE)
    return (membership for membership in rows.iterator() if membership.is_current(now))


def _cents_per_month(membership: Membership) -> float:
    plan = membership.plan
    return plan.yearly.price_cents / 12 if membership.is_yearly else plan.price_cents
