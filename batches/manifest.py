"""The list of a batch as a table, for the ZIP: what was asked for and what became of it."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

HEADER = (
    "position", "prompt", "name", "file", "status", "error",
    "model", "quality", "ratio", "width", "height", "credits",
)  # fmt: skip
#: A cell that starts so would be run as a formula by a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def rows_to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV with a header; the leading mark tells Excel that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows([_cell(row.get(column)) for column in HEADER] for row in rows)
    return "\ufeff" + file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
