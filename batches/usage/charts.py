"""Usage as columns: one a day, drawn on the server as the rectangles of an SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from batches.usage.totals import Amounts

#: The drawing's own units; the page stretches it.
HEIGHT = 100
STEP = 10
_COLUMN = 7


@dataclass(frozen=True)
class Column:
    """One day; `y` counts from the top. Whole numbers, as templates would write a decimal comma in Spanish."""

    on: date
    value: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Columns of one measure, as high as the period's best day."""

    measure: str
    total: int
    columns: list[Column]
    best: Column

    @property
    def width(self) -> int:
        """Return how wide the drawing is."""
        return STEP * len(self.columns)


def charts(days: Mapping[date, Amounts], totals: Amounts) -> list[Chart]:
    """Return a chart each for credits, images and requests."""
    return [_chart(days, totals, measure) for measure in ("credits", "images", "requests")]


def _chart(days: Mapping[date, Amounts], totals: Amounts, measure: str) -> Chart:
    values = {on: getattr(amounts, measure) for on, amounts in days.items()}
    most = max(values.values())
    columns = [_column(n, on, value, most) for n, (on, value) in enumerate(values.items())]
    return Chart(measure, getattr(totals, measure), columns, max(columns, key=lambda column: column.value))


def _column(number: int, on: date, value: int, most: int) -> Column:
    # Whatever is not nothing can be seen.
    height = max(2, round(HEIGHT * value / most)) if value else 0
    return Column(on, value, STEP * number + (STEP - _COLUMN) // 2, HEIGHT - height, _COLUMN, height)
