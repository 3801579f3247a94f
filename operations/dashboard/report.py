"""What the dashboard shows, from the daily figures alone."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from batches.usage.charts import Chart, Number, chart
from billing import plans
from operations.models import DailyFigure, Figure

_SECTIONS: dict[str, tuple[str | Promise, tuple[Figure, ...]]] = {
    "customers": (
        _("Customers"),
        (
            Figure.SIGN_UPS,
            Figure.ACTIVE_CUSTOMERS,
            Figure.SUBSCRIBERS,
            Figure.NEW_SUBSCRIPTIONS,
            Figure.ENDED_SUBSCRIPTIONS,
        ),
    ),
    "payments": (
        _("Payments"),
        (Figure.MRR_CENTS, Figure.PACKS, Figure.PACK_CENTS, Figure.REFUNDS, Figure.REFUNDED_CREDITS),
    ),
    "images": (_("Images"), (Figure.IMAGES, Figure.CREDITS, Figure.COST_CENTS, Figure.FAILURES)),
    "api": (_("API"), (Figure.API_REQUESTS, Figure.API_IMAGES)),
    "service": (
        _("Service"),
        (
            Figure.PEAK_PER_MINUTE,
            Figure.LONGEST_WAIT,
            Figure.QUEUE_DEPTH,
            Figure.WORKERS,
            Figure.STORAGE_BYTES,
            Figure.UNFETCHED_HOURS,
            Figure.WEBHOOK_LAG,
        ),
    ),
}
#: The last day counts for the range.
_LAST = {Figure.SUBSCRIBERS, Figure.MRR_CENTS, Figure.STORAGE_BYTES, Figure.UNFETCHED_HOURS}
#: The highest day counts. Others are summed.
_HIGHEST = {Figure.PEAK_PER_MINUTE, Figure.LONGEST_WAIT, Figure.QUEUE_DEPTH, Figure.WORKERS, Figure.WEBHOOK_LAG}
_HIGHEST |= {Figure.ACTIVE_CUSTOMERS}

ByDay = dict[date, Decimal]


@dataclass(frozen=True)
class Section:
    key: str
    title: str | Promise
    charts: list[Chart]


@dataclass(frozen=True)
class ModelRow:
    """One model's totals."""

    code: str
    images: int
    cost_cents: Decimal
    revenue_cents: Decimal
    seconds_per_image: Decimal

    @property
    def cost(self) -> str:
        return dollars(self.cost_cents)

    @property
    def revenue(self) -> str:
        return dollars(self.revenue_cents)

    @property
    def margin(self) -> str:
        return dollars(self.revenue_cents - self.cost_cents)


class Report:
    """The figures of some days, of which there is at least one."""

    def __init__(self, days: Sequence[date]) -> None:
        self.days = days
        self.rows = list(
            DailyFigure.objects.filter(day__range=(days[0], days[-1]))
            .order_by("day", "name", "label")
            .values_list("day", "name", "label", "value")
        )

    @property
    def is_empty(self) -> bool:
        return not self.rows

    def sections(self) -> list[Section]:
        values = self._by_day()
        return [
            Section(key, title, [self._chart(figure, values[figure]) for figure in figures])
            for key, (title, figures) in _SECTIONS.items()
        ]

    def models(self) -> list[ModelRow]:
        """Return the models with images, the one with most first."""
        images, revenues = self.totals(Figure.IMAGES), self.totals(Figure.REVENUE_CENTS)
        costs, seconds = self.totals(Figure.COST_CENTS), self.totals(Figure.SECONDS)
        return [
            ModelRow(code, int(count), costs[code], revenues[code], seconds[code] / count)
            for code, count in sorted(images.items(), key=lambda each: -each[1])
            if count
        ]

    def totals(self, figure: Figure) -> dict[str, Decimal]:
        """Return the sum of a figure for each of its labels."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for _day, name, label, value in self.rows:
            if name == figure:
                found[label] += value
        return found

    def failures(self) -> list[tuple[str, int]]:
        counts = self.totals(Figure.FAILURES).items()
        return [(code, int(count)) for code, count in sorted(counts, key=lambda each: -each[1]) if count]

    def churn_percent(self) -> float | None:
        """Return how many of the first known day's subscribers have ended since; None without subscribers."""
        subscribers = (value for _day, name, _label, value in self.rows if name == Figure.SUBSCRIBERS and value)
        at_first = next(subscribers, None)
        ended = self.totals(Figure.ENDED_SUBSCRIPTIONS)[""]
        return round(float(100 * ended / at_first), 1) if at_first else None

    def _by_day(self) -> dict[str, ByDay]:
        found: dict[str, ByDay] = defaultdict(lambda: dict.fromkeys(self.days, Decimal(0)))
        for day, name, _label, value in self.rows:
            found[name][day] += value
        return found

    def _chart(self, figure: Figure, values: ByDay) -> Chart:
        return chart(figure.value, figure.label, values, _summary(figure, list(values.values())), _text_of(figure))


def dollars(cents: Number) -> str:
    return plans.dollars(round(cents))


def _summary(figure: Figure, values: list[Decimal]) -> Decimal:
    if figure in _LAST:
        return values[-1]
    return max(values) if figure in _HIGHEST else sum(values, Decimal(0))


def _text_of(figure: Figure) -> Callable[[Number], str]:
    if figure.endswith("_cents"):
        return dollars
    return _size if figure.endswith("_bytes") else _whole


def _size(value: Number) -> str:
    return filesizeformat(int(value))


def _whole(value: Number) -> str:
    return intcomma(round(value))


def csv_rows(report: Report) -> Iterator[tuple[str, str, str, str]]:
    yield "day", "figure", "of", "value"
    for day, name, label, value in report.rows:
        yield day.isoformat(), name, label, f"{value.normalize():f}"
