"""Webhook messages to customers' servers: one POST each, to a public address, within a few seconds.

Only https is allowed. A site with `SANDBOX` or `DEBUG` that is not public also allows http and loopback addresses,
for a receiver on the same machine.
"""

import ipaddress
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from batches.clients.http import Deadline, bare_session, send
from batches.clients.public_http import NotPublic, guarded_adapter, is_public, is_web_port

_CONNECT_SECONDS, _CALL_SECONDS = 5, 15
#: The response is only shown to the customer.
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
    """The result of one attempt: status and start of the response, or a code in `error`."""

    seconds: float
    status: int | None = None
    excerpt: str = ""
    error: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Send a message once. Failures are returned as `error`, not raised."""
    began_at = time.monotonic()
    try:
        status, excerpt = _post(url, body, headers)
    except (NotPublic, requests.RequestException, HTTPError, OSError, ValueError) as error:
        return Answer(time.monotonic() - began_at, error=_error_code(error))
    return Answer(time.monotonic() - began_at, status, excerpt)


def address_error(url: str) -> str:
    """Return why a URL is not allowed, without contacting it; empty if it is allowed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "bad_address"
    if parts.scheme != "https" and not (parts.scheme == "http" and _allows_loopback()):
        return "not_https"
    if not host or "@" in parts.netloc or parts.fragment:
        return "bad_address"
    if port is not None and not is_web_port(port):
        return "bad_port"
    return "" if _host_may_be_public(host) else "not_public"


def _host_may_be_public(host: str) -> bool:
    """Return whether the name could be a public host. Its addresses are checked when a message is sent."""
    with suppress(ValueError):
        return _is_allowed(host, 443, str(ipaddress.ip_address(host)))
    is_private_name = "." not in host.rstrip(".") or host.endswith((".localhost", ".local", ".internal"))
    return not is_private_name or _allows_loopback()


def _allows_loopback() -> bool:
    return (settings.SANDBOX or settings.DEBUG) and not settings.IS_PUBLIC


def _is_allowed(host: str, port: int, ip: str) -> bool:
    if not is_web_port(port):
        return False
    return is_public(ip) or (_allows_loopback() and ipaddress.ip_address(ip.partition("%")[0]).is_loopback)


def _post(url: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
    with bare_session() as session:
        adapter = guarded_adapter(_is_allowed, Retry(0, redirect=0))
        for scheme in ("https://", "http://") if _allows_loopback() else ("https://",):
            session.mount(scheme, adapter)
        request = requests.Request("POST", url, headers={**_HEADERS, **headers}, data=body.encode())
        prepared = session.prepare_request(request)
        deadline = Deadline(_CONNECT_SECONDS, _CALL_SECONDS)
        # A redirect would be a second request, to an address that has not been checked.
        with send(session, prepared, deadline) as response:
            return response.status_code, _excerpt(response)


def _excerpt(response: requests.Response) -> str:
    """Return the start of the body, without waiting for a slow one."""
    piece = b""
    with suppress(HTTPError, OSError):
        piece = response.raw.read1(_EXCERPT_BYTES) or b""
    text = piece.decode(errors="replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_EXCERPT_CHARACTERS]


def _error_code(error: Exception) -> str:
    """`batches.webhooks.messages` has a sentence for each code."""
    if isinstance(error, NotPublic):
        return "not_public"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout):
        return "timeout"
    if isinstance(error, requests.ConnectionError):
        return "unreachable"
    return "bad_address" if isinstance(error, ValueError) else "unreachable"
