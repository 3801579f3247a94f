"""Column charts: one column per day, rendered on the server as SVG rectangles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from batches.usage.totals import Amounts

#: In the SVG's own units; the page scales it.
HEIGHT = 100
STEP = 10
_COLUMN = 7
_MEASURES = {"credits": _("Credits"), "images": _("Images"), "requests": _("Requests")}

Number = int | Decimal


@dataclass(frozen=True)
class Column:
    """One day; `y` is measured from the top. Integers, because templates would localize decimal points in the SVG."""

    on: date
    value: Number
    text: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Chart:
    """The columns of one measure, scaled to its highest value."""

    name: str
    title: str | Promise
    summary: str
    columns: list[Column]
    best: Column

    @property
    def width(self) -> int:
        return STEP * len(self.columns)

    @property
    def last(self) -> Column:
        return self.columns[-1]


def charts(days: Mapping[date, Amounts], totals: Amounts) -> list[Chart]:
    return [
        chart(name, title, {on: getattr(amounts, name) for on, amounts in days.items()}, getattr(totals, name))
        for name, title in _MEASURES.items()
    ]


def chart(
    name: str,
    title: str | Promise,
    values: Mapping[date, Number],
    summary: Number,
    text: Callable[[Number], str] = intcomma,
) -> Chart:
    """Return a chart; `summary` is shown next to the title, and `text` formats a value."""
    most = max(values.values())
    columns = [_column(n, on, value, most, text(value)) for n, (on, value) in enumerate(values.items())]
    return Chart(name, title, text(summary), columns, max(columns, key=lambda column: column.value))


def _column(number: int, on: date, value: Number, most: Number, text: str) -> Column:
    # Make any value above zero visible.
    height = max(2, round(HEIGHT * value / most)) if value else 0
    return Column(on, value, text, STEP * number + (STEP - _COLUMN) // 2, HEIGHT - height, _COLUMN, height)
