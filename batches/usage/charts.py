"""Column charts of usage: one column per day, rendered on the server as SVG rectangles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from batches.usage.totals import Amounts

#: In the SVG's own units; the page scales it.
HEIGHT = 100
STEP = 10
_COLUMN = 7


@dataclass(frozen=True)
class Column:
    """One day; `y` is measured from the top. Integers, because templates would localize decimal points in the SVG."""

    on: date
    value: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Chart:
    """The columns of one measure, scaled to its highest value."""

    measure: str
    total: int
    columns: list[Column]
    best: Column

    @property
    def width(self) -> int:
        return STEP * len(self.columns)


def charts(days: Mapping[date, Amounts], totals: Amounts) -> list[Chart]:
    return [_chart(days, totals, measure) for measure in ("credits", "images", "requests")]


def _chart(days: Mapping[date, Amounts], totals: Amounts, measure: str) -> Chart:
    values = {on: getattr(amounts, measure) for on, amounts in days.items()}
    most = max(values.values())
    columns = [_column(n, on, value, most) for n, (on, value) in enumerate(values.items())]
    return Chart(measure, getattr(totals, measure), columns, max(columns, key=lambda column: column.value))


def _column(number: int, on: date, value: int, most: int) -> Column:
    # Make any value above zero visible.
    height = max(2, round(HEIGHT * value / most)) if value else 0
    return Column(on, value, STEP * number + (STEP - _COLUMN) // 2, HEIGHT - height, _COLUMN, height)
