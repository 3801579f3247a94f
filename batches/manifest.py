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


def csv_to_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of such a table as they were before `rows_to_csv`, all values as text."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [{column: value[1:] if _is_guarded(value) else value for column, value in row.items()} for row in reader]


def _cell(value: Any) -> Any:
    # A text that happens to start like a guarded one is guarded too: so reading can tell them apart.
    if isinstance(value, str) and (value.startswith(_FORMULA_STARTS) or _is_guarded(value)):
        return f"'{value}"
    return value


def _is_guarded(value: str) -> bool:
    return value.startswith("'") and value.lstrip("'").startswith(_FORMULA_STARTS)
