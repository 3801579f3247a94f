"""Requests in which a browser confirms the images that it has stored."""

import json
import re
from typing import Any

#: The script confirms one image at a time, so more in one request are ignored.
MAX_IMAGES = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadConfirmation(ValueError):
    """The body is not `{"images": [{"position": 1, "sha256": "…"}]}`."""


def parse_confirmation(body: bytes) -> dict[int, str]:
    """Return the hashes by position. Raises `BadConfirmation`."""
    try:
        images = json.loads(body)["images"]
        return dict(_pair(image) for image in images[:MAX_IMAGES])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadConfirmation('expected {"images": [{"position": 1, "sha256": "…"}]}') from error


def _pair(image: Any) -> tuple[int, str]:
    position, sha256 = image["position"], image["sha256"]
    if not isinstance(position, int) or not 0 < position < 2**31 or not _SHA256.fullmatch(sha256):
        raise ValueError("not a position and a SHA-256")
    return position, sha256
