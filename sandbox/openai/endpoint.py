"""What all endpoints share: the key, the log, errors as JSON, and the headers of every answer."""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox import environment
from sandbox.behaviour import DIRECTOR
from sandbox.calls import LOG, Call

from .errors import ApiError, no_key, not_json, real_key, wrong_key, wrong_method

WRONG_KEY = "sk-wrong"
UNLIMITED_REQUESTS, TOKEN_LIMIT = 10_000, 8_000_000

Endpoint = Callable[..., HttpResponseBase]


def endpoint(*methods: str) -> Callable[[Endpoint], Endpoint]:
    """Make a view `(request, call, …)` an endpoint for some methods, or for all. It may raise any `ApiError`."""

    def decorate(view: Endpoint) -> Endpoint:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **path: Any) -> HttpResponseBase:
            started = time.perf_counter()
            with LOG.record(request.path.removeprefix("/v1/")) as call:
                try:
                    if not environment.openai_is_served():
                        raise real_key()
                    _authenticate(request)
                    if methods and request.method not in methods:
                        raise wrong_method(str(request.method), request.path)
                    response = view(request, call, **path)
                except ApiError as error:
                    response = error.response()
                call.status = response.status_code
            _add_headers(response, call, time.perf_counter() - started)
            return response

        return answer

    return decorate


def _authenticate(request: HttpRequest) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise no_key()
    if key.strip() == WRONG_KEY:
        raise wrong_key(WRONG_KEY)


def _add_headers(response: HttpResponseBase, call: Call, seconds: float) -> None:
    limit, left = DIRECTOR.current.images_per_minute, DIRECTOR.images_left
    response["x-request-id"] = call.request_id
    response["openai-processing-ms"] = str(round(seconds * 1000))
    response["openai-version"] = "2020-10-01"
    response["x-ratelimit-limit-requests"] = str(limit or UNLIMITED_REQUESTS)
    response["x-ratelimit-remaining-requests"] = str(UNLIMITED_REQUESTS - 1 if left is None else left)
    response["x-ratelimit-reset-requests"] = "1s" if left is None else "1m0s"
    response["x-ratelimit-limit-tokens"] = str(TOKEN_LIMIT)
    response["x-ratelimit-remaining-tokens"] = str(TOKEN_LIMIT)
    response["x-ratelimit-reset-tokens"] = "0s"


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON body, which must be an object."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise not_json() from None
    if not isinstance(body, dict):
        raise not_json()
    return body
