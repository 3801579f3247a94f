"""The site's JSON as text for people: named values, and lists as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from iib.screens import printable

#: The columns of lists; --json shows the rest.
_COLUMNS = (
    "position", "id", "code", "label", "title", "status", "name", "total", "ready", "failed", "created_at",
    "formats", "qualities", "credits", "error",
)  # fmt: skip
_CELL_CHARACTERS = 60


def as_text(answer: Any) -> str:
    """Return a whole response: first its plain values, then each of its lists."""
    if isinstance(answer, list):
        return _table(answer)
    if not isinstance(answer, Mapping):
        return printable(str(answer))
    lists = {name: value for name, value in answer.items() if isinstance(value, list)}
    values = [f"{name}: {_cell(value)}" for name, value in answer.items() if name not in lists]
    return "\n".join([*values, *(_table(rows) for rows in lists.values() if rows)])


def _table(rows: Sequence[Any]) -> str:
    if not all(isinstance(row, Mapping) for row in rows):
        return "\n".join(_cell(row) for row in rows)
    columns = [name for name in _COLUMNS if any(row.get(name) not in (None, "") for row in rows)]
    cells = [columns, *([_cell(row.get(name)) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        value = ", ".join(f"{name} {part}" for name, part in value.items())
    elif isinstance(value, list):
        # A model's qualities with their credits: low 1, medium 2.
        value = ", ".join(
            " ".join(map(str, part.values())) if isinstance(part, Mapping) else _cell(part) for part in value
        )
    text = "" if value is None else printable(str(value))
    return text if len(text) <= _CELL_CHARACTERS else f"{text[: _CELL_CHARACTERS - 1]}…"
