"""The bare connection of a request: waiting on it, and cutting it off. gunicorn hands its socket to WSGI."""

import socket
import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

POLL_SECONDS = 1.0


def wait(request: HttpRequest, seconds: Callable[[], float]) -> bool:
    """Wait, but no longer than the client does; return False if it has gone.

    `seconds` returns how long in all. It is called again every second, because the setting may have been changed.
    """
    started_at = time.monotonic()
    while (left := started_at + seconds() - time.monotonic()) > 0:
        time.sleep(min(left, POLL_SECONDS))
        if left > POLL_SECONDS and _is_closed(_socket(request)):
            return False
    return True


def dropped(request: HttpRequest) -> HttpResponse:
    """Close the connection; the response that is returned is not sent."""
    _socket(request).shutdown(socket.SHUT_RDWR)
    return HttpResponse()


def half(request: HttpRequest, response: HttpResponse) -> StreamingHttpResponse:
    """Announce the whole answer, send half of it and close the connection."""
    body = response.content
    cut = StreamingHttpResponse(_half_of(body, _socket(request)), content_type=response["Content-Type"])
    cut["Content-Length"] = str(len(body))
    return cut


def _half_of(body: bytes, connection: socket.socket) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    connection.shutdown(socket.SHUT_RDWR)


def _socket(request: HttpRequest) -> socket.socket:
    connection: socket.socket = request.META["gunicorn.socket"]
    return connection


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
