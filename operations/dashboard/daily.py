"""Writing the daily figures. Safe at any time, again, and in several workers at once."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from batches.runs.retrying import retried_transaction
from lib.utc_days import end_of
from operations.dashboard import counted, sampled
from operations.dashboard.counted import Figures
from operations.models import DailyFigure, Figure

EVERY_SECONDS = 600.0
_CLAIM = "daily-figures"
#: A day's last transactions have ended this long after it.
_SETTLED_AFTER = timedelta(minutes=10)
#: After a longer outage, `write_daily_figures` writes the days that are missing.
_DAYS_BACK = 7
#: The names of what is counted only if there is any, by label.
_LABELLED = (
    Figure.PACKS, Figure.IMAGES, Figure.CREDITS, Figure.COST_CENTS, Figure.REVENUE_CENTS, Figure.SECONDS,
    Figure.FAILURES,
)  # fmt: skip


def update() -> None:
    """Write today's figures, and those of the days that have ended since. One of all workers does it."""
    if cache.add(_CLAIM, 1, EVERY_SECONDS - 60):
        now = timezone.now()
        for day in _unfinished(now.date()):
            write(day, counted.figures_of(day))
        write(now.date(), counted.figures_of(now.date()) | sampled.figures_now())


def backfill(days: int, again: bool = False) -> Iterator[date]:
    """Write the counted figures of the days before today, and yield the days. Samples of those days are lost.

    With `again`, also days that have figures. Some of their rows may be deleted by now.
    """
    today = timezone.localdate()
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        if again or not DailyFigure.objects.filter(day=day).exists():
            write(day, counted.figures_of(day))
            yield day


def _unfinished(today: date) -> Iterator[date]:
    for back in range(1, _DAYS_BACK + 1):
        day = today - timedelta(days=back)
        settled_at = end_of(day) + _SETTLED_AFTER
        if not DailyFigure.objects.filter(day=day, name=Figure.SIGN_UPS, updated_at__gte=settled_at).exists():
            yield day


@retried_transaction
def write(day: date, figures: Figures) -> None:
    has_target = connection.features.supports_update_conflicts_with_target
    DailyFigure.objects.bulk_create(
        # In the same order everywhere, so that two workers do not lock each other out.
        [DailyFigure(day=day, name=name, label=label, value=value) for (name, label), value in sorted(figures.items())],
        update_conflicts=True,
        update_fields=["value", "updated_at"],
        unique_fields=["day", "name", "label"] if has_target else None,
    )
    # A model that was renamed, for example, has no images any more.
    labelled = DailyFigure.objects.filter(day=day, name__in=_LABELLED).values_list("pk", "name", "label")
    gone = [pk for pk, name, label in labelled if (Figure(name), label) not in figures]
    DailyFigure.objects.filter(pk__in=gone).update(value=0)
