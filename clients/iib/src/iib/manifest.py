"""manifest.csv: the prompts and their results, with the columns of the site's ZIP."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from iib.answers import Batch, Image

FILE = "manifest.csv"
HEADER = (
    "position", "prompt", "name", "file", "status", "error",
    "model", "quality", "ratio", "width", "height", "credits",
    "style", "format", "version", "verdict", "seconds",
)  # fmt: skip
_CHOICES = ("model", "quality", "ratio", "style", "format")
#: A spreadsheet would run a cell that starts with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(batch: Batch, order: Mapping[str, Any]) -> bytes:
    """Return the table; the byte order mark tells Excel that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    for image in batch.images:
        row = _row(image, order)
        writer.writerow([_cell(row[column]) for column in HEADER])
    return ("\ufeff" + file.getvalue()).encode()


def _row(image: Image, order: Mapping[str, Any]) -> dict[str, Any]:
    asked = order["prompts"][image.position - 1] if image.position <= len(order.get("prompts", [])) else {}
    own = asked if isinstance(asked, dict) else {}
    return {
        "position": image.position,
        "prompt": image.prompt,
        "name": own.get("name", ""),
        "file": image.name,
        "status": image.status,
        "error": image.error_code,
        **{column: own.get(column) or order.get(column, "") for column in _CHOICES},
        "width": image.width,
        "height": image.height,
        "credits": image.credits,
        "version": image.version,
        "verdict": image.verdict,
        "seconds": image.seconds,
    }


def _cell(value: Any) -> Any:
    # Texts that look guarded are guarded as well, so that reading them back is unambiguous.
    if isinstance(value, str) and (value.startswith(_FORMULA_STARTS) or _is_guarded(value)):
        return f"'{value}"
    return value


def _is_guarded(value: str) -> bool:
    return value.startswith("'") and value.lstrip("'").startswith(_FORMULA_STARTS)
