import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lib import log_context


class RequestIdMiddleware:
    """Gives each request an id, which its log lines and its response have. A client's own could not be trusted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex
        log_context.begin(request=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response
