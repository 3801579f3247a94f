"""HTTP byte ranges (RFC 9110, section 14)."""

import re

_ONE_RANGE = re.compile(r"bytes=\s*(?:(?P<first>[0-9]+)-(?P<last>[0-9]*)|-(?P<suffix>[0-9]+))\s*", re.IGNORECASE)


class NotSatisfiable(Exception):
    pass


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte requested, or None for the whole file. Raises `NotSatisfiable`.

    Anything but one well-formed range is answered with the whole file, as the RFC allows.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if len(header) < 100 else None
    if match is None:
        return None
    if match["suffix"]:
        length = min(int(match["suffix"]), size)
        first, last = size - length, size - 1
    else:
        first, last = int(match["first"]), min(int(match["last"] or size - 1), size - 1)
        if match["last"] and int(match["last"]) < first:
            return None
    if first > last:
        raise NotSatisfiable
    return first, last
