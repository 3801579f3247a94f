"""The moderations API of OpenAI, which is free: the categories for which texts or a photo are flagged."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from batches.clients.json_calls import call

#: Seconds to connect, and for the whole call: a batch waits for it.
TIMEOUT = (5.0, 15.0)
#: The length of a list isn't documented.
MAX_TEXTS = 32
_CATEGORY = re.compile(r"[a-z][a-z/_-]{0,39}")
#: For a text that is flagged without a reason.
_NO_CATEGORY = ("other",)


def flagged_categories(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each text the codes of its categories, such as "violence/graphic"; none if it isn't flagged.

    Raises an `UpstreamError`.
    """
    return _categories_of(list(texts), len(texts))


def photo_categories(jpeg: bytes) -> tuple[str, ...]:
    """Return the codes of a photo's categories; none if it isn't flagged. Several photos would get one answer together.

    Raises an `UpstreamError`.
    """
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return _categories_of([{"type": "image_url", "image_url": {"url": url}}], 1)[0]


def _categories_of(given: list[Any], count: int) -> list[tuple[str, ...]]:
    def read(document: dict[str, Any]) -> list[tuple[str, ...]]:
        found = [_categories(result) for result in document["results"]]
        if len(found) != count:
            raise ValueError("another number of results")
        return found

    body = {"model": settings.OPENAI_MODERATION_MODEL, "input": given}
    return call(settings.OPENAI_BASE_URL, "moderations", settings.OPENAI_API_KEY, TIMEOUT, read, body=body)


def _categories(result: dict[str, Any]) -> tuple[str, ...]:
    if not result["flagged"]:
        return ()
    codes = sorted(code for code, applies in result["categories"].items() if applies and _CATEGORY.fullmatch(code))
    return tuple(codes) or _NO_CATEGORY
