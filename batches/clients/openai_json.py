"""Calls to OpenAI whose answer is a small JSON document. Each is sent once."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import requests
import urllib3
from django.conf import settings

from batches.clients import http
from batches.clients.openai_errors import Unknown, error_of

_MAX_BODY_BYTES = 1_000_000
Result = TypeVar("Result")


def post(path: str, parameters: dict[str, Any], timeout: tuple[float, float], read: Callable[[Any], Result]) -> Result:
    """Return what `read` finds in the document. Raises an `UpstreamError`, also with the code `no_answer`.

    `timeout` is the seconds to connect, and for the whole call. `read` may raise anything that a document of another
    shape causes.
    """
    url = f"{settings.OPENAI_BASE_URL}/{path}"
    headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY or 'none'}", "User-Agent": "images-in-bulk"}
    session = _session(settings.OPENAI_BASE_URL)
    try:
        call = session.prepare_request(requests.Request("POST", url, headers=headers, json=parameters))
        with http.send(session, call, http.Deadline(*timeout)) as response:
            body = http.read_body(response.raw, _MAX_BODY_BYTES)
    except (requests.RequestException, urllib3.exceptions.HTTPError, http.TooLarge) as error:
        # Without the cause: its message may quote the key.
        raise Unknown("no_answer", type(error).__name__) from None
    if response.status_code != 200:
        raise error_of(response.status_code, response.headers, body, secret=settings.OPENAI_API_KEY)
    try:
        return read(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Unknown("unreadable_answer", type(error).__name__, response.headers.get("x-request-id", "")) from error


@lru_cache(maxsize=4)
def _session(base_url: str) -> requests.Session:
    return http.session_for(base_url, pool_size=64)
