from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lib.body_size import body_bytes
from rest.problems import Problem


def json_only(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 415 to a body whose content type is not JSON."""

    @wraps(run)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.content_type != "application/json" and body_bytes(request):
            return Problem("not_json", "Send Content-Type: application/json.").as_response()
        return run(request, *args, **kwargs)

    return wrapped
