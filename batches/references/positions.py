"""Positions in a list as people write them, such as "2, 5-7"."""

import re
from collections.abc import Iterable

_DASH = re.compile(r"\s*[-–—]\s*")  # word processors write the longer ones
_BETWEEN = re.compile(r"[,;\s]+")
_PART = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
_MAX_CHARACTERS = 1000


def read(text: str) -> list[int]:
    """Return the positions, in order. Raises `ValueError` if the text is something else."""
    positions: set[int] = set()
    for part in filter(None, _BETWEEN.split(_DASH.sub("-", text[: _MAX_CHARACTERS + 1]))):
        found = _PART.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 0 < first <= last or len(text) > _MAX_CHARACTERS:
            raise ValueError(part)
        positions |= set(range(first, last + 1))
    return sorted(positions)


def write(positions: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for position in sorted(positions):
        if runs and runs[-1][-1] == position - 1:
            runs[-1][1:] = [position]
        else:
            runs.append([position])
    return ", ".join("-".join(map(str, run)) for run in runs)
