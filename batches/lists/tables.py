"""Tables that are pasted instead of a list, such as a manifest: the first line names the columns."""

import csv
import io
import re

#: Spreadsheets would run a cell with such a start as a formula. A manifest has a `'` before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Customers paste manifests, or parts of them, as lists.
MANIFEST_COLUMNS = (
    "position", "prompt", "name", "file", "status", "error",
    "model", "quality", "ratio", "width", "height", "credits",
    "style", "format", "version", "verdict", "seconds",
)  # fmt: skip
_CHOICES = frozenset("model quality ratio style format seconds".split())
_DELIMITERS = ",;\t"
#: Excel's own first line, which names the delimiter.
_SEPARATOR = re.compile(r'"?sep=([,;\t])"? *(?:\r\n|\r|\n)', re.IGNORECASE)
_LONGEST_HEADER = 200


def read_table(text: str) -> tuple[list[str], list[str], bool] | None:
    """Return the prompts and the names of a table, without blank rows; None if the text is a plain list.

    Also whether it has columns with choices, such as the quality. They are not used: the form's apply to all rows.
    """
    text = text.lstrip("\ufeff")
    separator = _SEPARATOR.match(text)
    text = text[separator.end() :] if separator else text
    first = re.split("[\r\n]", text[: _LONGEST_HEADER + 1], maxsplit=1)[0]
    delimiter = separator[1] if separator else max(_DELIMITERS, key=first.count)
    header = [cell.strip(' "').casefold() for cell in first.split(delimiter)]
    if len(header) < 2 or "prompt" not in header or not set(header).issubset(MANIFEST_COLUMNS):
        return None
    try:
        cells = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))[1:]
    except csv.Error:
        return None
    if any(len(row) > len(header) for row in cells):
        return None
    rows = [dict(zip(header, row, strict=False)) for row in cells if any(map(str.strip, row))]
    # Further versions of an image were not in the list.
    rows = [row for row in rows if row.get("version", "") in ("", "1")]
    if {"position", "status"} <= set(header):
        rows = [{column: _unguarded(cell) for column, cell in row.items()} for row in rows]
    prompts, names = ([row.get(column, "") for row in rows] for column in ("prompt", "name"))
    return prompts, names, not _CHOICES.isdisjoint(header)


def is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)


def _unguarded(cell: str) -> str:
    return cell[1:] if is_guarded(cell) else cell
