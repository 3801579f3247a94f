"""Messages to customers' own servers: one POST each, to a public address, never longer than some seconds.

Over https only. A sandbox, or a site under `DEBUG`, that is nobody's public site also takes http and the loopback
address: there a receiver runs beside it.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from batches.clients.http import bare_session
from batches.clients.public_http import NotPublic, guarded_adapter, is_public, is_web_port

_CONNECT_SECONDS, _READ_SECONDS = 5, 10
#: From the connection to the end of the answer's head, however slowly it drips.
_LONGEST_SECONDS = 15
#: An answer is shown to the customer, not used.
_EXCERPT_BYTES = 1024
_EXCERPT_CHARACTERS = 300
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "images-in-bulk",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True)
class Answer:
    """What became of one attempt: the status and start of the answer, or else in one word what went wrong."""

    seconds: float
    status: int | None = None
    excerpt: str = ""
    error: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Send a message once; every failure is an answer with its `error`."""
    began_at = time.monotonic()
    try:
        status, excerpt = _post(url, body, headers, began_at + _LONGEST_SECONDS)
    except (NotPublic, requests.RequestException, HTTPError, OSError, ValueError) as error:
        return Answer(time.monotonic() - began_at, error=_word_for(error))
    return Answer(time.monotonic() - began_at, status, excerpt)


def address_error(url: str) -> str:
    """Return why no message would go to that address, as far as it can be told without asking: "" if it is good."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "bad_address"
    if parts.scheme != "https" and not (parts.scheme == "http" and _may_stay_at_home()):
        return "not_https"
    if not host or "@" in parts.netloc or parts.fragment:
        return "bad_address"
    if port is not None and not is_web_port(port):
        return "bad_port"
    return "" if _host_may_be_public(host) else "not_public"


def _host_may_be_public(host: str) -> bool:
    """Whether a host is not private by its mere name; what the name stands for is seen when a message is sent."""
    with suppress(ValueError):
        return _is_allowed(host, 443, str(ipaddress.ip_address(host)))
    is_home = "." not in host.rstrip(".") or host.endswith((".localhost", ".local", ".internal"))
    return not is_home or _may_stay_at_home()


def _may_stay_at_home() -> bool:
    return (settings.SANDBOX or settings.DEBUG) and not settings.IS_PUBLIC


def _is_allowed(host: str, port: int, ip: str) -> bool:
    if not is_web_port(port):
        return False
    return is_public(ip) or (_may_stay_at_home() and ipaddress.ip_address(ip.partition("%")[0]).is_loopback)


def _post(url: str, body: str, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
    with bare_session() as session:
        adapter = guarded_adapter(_is_allowed, Retry(0, redirect=0), _TimedMixin)
        for scheme in ("https://", "http://") if _may_stay_at_home() else ("https://",):
            session.mount(scheme, adapter)
        request = requests.Request("POST", url, headers={**_HEADERS, **headers}, data=body.encode())
        prepared = session.prepare_request(request)
        timeout = (_CONNECT_SECONDS, _READ_SECONDS)
        # A redirect would be a second request, to where nobody has looked.
        with session.send(prepared, stream=True, timeout=timeout, allow_redirects=False) as response:
            if time.monotonic() > deadline:
                # It was cut, and what came looks like a whole head.
                raise requests.Timeout
            return response.status_code, _excerpt(response)


def _excerpt(response: requests.Response) -> str:
    """Return the start of the body; one that does not come in time is not waited for."""
    piece = b""
    with suppress(HTTPError, OSError):
        piece = response.raw.read1(_EXCERPT_BYTES) or b""
    text = piece.decode(errors="replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_EXCERPT_CHARACTERS]


class _TimedMixin:
    """A connection that is cut when the head of the answer has not come in time.

    Time-outs of sockets begin anew with every byte. Cut is a second handle of the socket: the first one is TLS's.
    """

    _timer: threading.Timer | None = None
    _handle: socket.socket | None = None

    def _new_conn(self) -> Any:
        sock = super()._new_conn()  # type: ignore[misc]
        self._handle = sock.dup()
        self._timer = threading.Timer(_LONGEST_SECONDS, _cut, [self._handle])
        self._timer.daemon = True
        self._timer.start()
        return sock

    def close(self) -> None:
        if self._timer and self._handle:
            self._timer.cancel()
            self._handle.close()
        super().close()  # type: ignore[misc]


def _cut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _word_for(error: Exception) -> str:
    """Return one word for what went wrong; `batches.webhooks.messages` has a sentence for each."""
    if isinstance(error, NotPublic):
        return "not_public"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout):
        return "timeout"
    if isinstance(error, requests.ConnectionError):
        return "unreachable"
    return "bad_address" if isinstance(error, ValueError) else "unreachable"
