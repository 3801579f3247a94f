from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from lib.body_size import body_bytes

#: The largest body that the proxies in `deploy/` accept.
_MAX_BYTES = 42 * 2**20
_PIECE_BYTES = 256 * 1024
#: How long to wait for a client that has stopped sending, as gunicorn does.
_TIMEOUT_SECONDS = 5


class UnreadBodyMiddleware:
    """Reads the rest of a refused body, so that the client receives the response.

    gunicorn closes the connection if more than 64 KB are unread. A client that is still sending may then lose the
    response: browsers show a connection error, and nginx answers 502.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if 0 < body_bytes(request) <= _MAX_BYTES:
            _read_rest(request)
        return response


def _read_rest(request: HttpRequest) -> None:
    connection = request.META.get("gunicorn.socket")
    if connection:
        connection.settimeout(_TIMEOUT_SECONDS)
    with suppress(UnreadablePostError):
        while request.read(_PIECE_BYTES):
            pass
    if connection:
        connection.settimeout(None)
