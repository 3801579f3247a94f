"""Downloads that occupy a thread of the web server until the client has read them."""

from collections.abc import Iterable, Mapping
from threading import Lock
from weakref import WeakSet

from django.http import HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse

#: Of one user, in each process of the web server. A process has 16 threads.
PER_USER = 2
RETRY_AFTER = {"Retry-After": "30"}
CONTENT_TYPE = "application/zip"


class TooManyDownloads(Exception):
    """The user has `PER_USER` downloads running."""


class Download(StreamingHttpResponse):
    """A ZIP for the user with that id. Raises `TooManyDownloads`.

    The threads are the process's own, so it counts them in memory: nothing remains of a process that dies. The set is
    weak because Django does not close a response if a middleware fails after the view.
    """

    running: WeakSet["Download"] = WeakSet()
    _lock = Lock()

    def __init__(self, user_id: int, chunks: Iterable[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(chunks, content_type=CONTENT_TYPE, headers=dict(headers))
        self.user_id = user_id
        with self._lock:
            if sum(each.user_id == user_id for each in self.running) >= PER_USER:
                raise TooManyDownloads
            self.running.add(self)

    def close(self) -> None:
        """Called by the web server after the last byte, and when the client has gone."""
        with self._lock:
            self.running.discard(self)
        super().close()


def refusal(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "429.html", {"downloads": PER_USER}, status=429, headers=RETRY_AFTER)
