"""Calls whose answer is a JSON document. Each is sent once; only connecting is retried."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import requests
import urllib3

from batches.clients import http
from batches.clients.openai_errors import Busy, Unknown, error_of

# Other servers in local development may need no key.
_KEYLESS = "none"
Result = TypeVar("Result")
_session = lru_cache(maxsize=4)(http.session_for)


def call(
    base_url: str,
    path: str,
    key: str,
    timeout: tuple[float, float],
    read: Callable[[Any], Result],
    *,
    method: str = "POST",
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    prompt: str = "",
    max_bytes: int = 1_000_000,
) -> Result:
    """Return what `read` finds in the document. Raises an `UpstreamError`, also with the code `no_answer`.

    `timeout` is the seconds to connect, and for the whole call. `read` may raise anything that a document of another
    shape causes.
    """
    all_headers = {"Authorization": f"Bearer {key or _KEYLESS}", "User-Agent": "images-in-bulk", **(headers or {})}
    request = requests.Request(method, f"{base_url}/{path}", headers=all_headers, json=body)
    session = _session(base_url)
    try:
        with http.send(session, session.prepare_request(request), http.Deadline(*timeout)) as response:
            content = http.read_body(response.raw, max_bytes)
    except (requests.RequestException, urllib3.exceptions.HTTPError, http.TooLarge) as error:
        kind, code = (Busy, "upstream_busy") if http.was_never_sent(error) else (Unknown, "no_answer")
        # Without the cause: its message may quote the key.
        raise kind(code, type(error).__name__) from None
    if not 200 <= response.status_code < 300:
        raise error_of(response.status_code, response.headers, content, secret=key, prompt=prompt)
    try:
        return read(json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Unknown("unreadable_answer", type(error).__name__, response.headers.get("x-request-id", "")) from error
