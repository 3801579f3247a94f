"""The manifest: a table of a batch's prompts and their results, for the ZIP, and which images that contains."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.formats import get_format

from batches.choices import MADE_PROMPT, Verdict
from batches.lists.tables import FORMULA_STARTS, MANIFEST_COLUMNS, is_guarded
from batches.models.prompt import PromptQuerySet

_COLUMNS = (
    "text", "name", "file_name", "status", "error_code",
    "image_model__code", "quality", "ratio", "width", "height", "credits",
    "style", "format", "version", "verdict", "seconds", "charge_id",
)  # fmt: skip
_RANKS: dict[str, int] = {Verdict.REJECT: 0, Verdict.UNDECIDED: 1, Verdict.KEEP: 2}


def names_in_zip(prompts: PromptQuerySet) -> dict[int, str]:
    """Return the file names by position. Of several versions, only the kept or newest one has a name.

    It has the name of the original, which the customer has seen before the start. `static/js/batch/versions.js` has the
    same rule.
    """
    originals: dict[int, str] = {}
    chosen: dict[int, tuple[int, int, int]] = {}
    rows = prompts.order_by("position").values_list("pk", "origin_id", "position", "version", "verdict", "file_name")
    for pk, origin_id, position, version, verdict, file_name in rows:
        original = origin_id or pk
        originals.setdefault(original, file_name)
        candidate = (_RANKS[verdict], version, position)
        chosen[original] = max(chosen.get(original, candidate), candidate)
    return {position: originals[original] for original, (_rank, _version, position) in chosen.items()}


def manifest_rows(prompts: PromptQuerySet, names: Mapping[int, str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield one row per prompt of a batch, in list order; read in pieces, because a long list can have 32 MB.

    `file` is the name in the ZIP, empty for versions that it leaves out. `names` are those of `names_in_zip`, if the
    caller has them.
    """
    names = names_in_zip(prompts.made()) if names is None else names
    for piece in prompts.in_pieces(*_COLUMNS):
        for *values, charge_id in piece:
            row = dict(zip(MANIFEST_COLUMNS, values, strict=True))
            if row["status"] in MADE_PROMPT:
                row["file"] = names.get(row["position"], "")
            yield row if charge_id else row | {"credits": 0}


def customers_delimiter() -> str:
    """Return what spreadsheets in the current language expect: a semicolon where the decimal point is a comma."""
    return ";" if get_format("DECIMAL_SEPARATOR") == "," else ","


def rows_to_csv(rows: Iterable[Mapping[str, Any]], delimiter: str = ",") -> Iterator[str]:
    """Yield the rows as lines of CSV after a header. The byte order mark lets Excel recognise UTF-8."""
    writer = csv.writer(_Echo(), delimiter=delimiter)
    yield "\ufeff" + writer.writerow(MANIFEST_COLUMNS)
    for row in rows:
        yield writer.writerow([guarded_cell(row.get(column)) for column in MANIFEST_COLUMNS])


class _Echo:
    """A file that returns what is written, as in Django's documentation on streaming CSV."""

    def write(self, line: str) -> str:
        return line


def guarded_cell(value: Any) -> Any:
    # A text that starts like a guarded one is guarded too, so that reading is unambiguous.
    if isinstance(value, str) and (value.startswith(FORMULA_STARTS) or is_guarded(value)):
        return f"'{value}"
    return value
