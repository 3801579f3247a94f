"""HTTP sessions for calls that cost money. Each call is sent once; only connecting is retried."""

import io
import socket
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPResponse as StandardResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

# With smaller pieces the thread wakes up more often. 64 kB took 3 ms more of a busy worker's CPU time per response.
_STEP_BYTES = 256 * 1024


class TooLarge(Exception):
    """A body has more bytes than the limit."""


class PooledAdapter(HTTPAdapter):
    def __init__(self, pools: dict[str, type[HTTPConnectionPool]], **options: Any) -> None:
        self._pools = pools
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


class Deadline(Timeout):
    """One limit for a whole call: all attempts to connect, the response and its body. urllib3 limits each attempt."""

    def __init__(self, connect_seconds: float, call_seconds: float) -> None:
        super().__init__()
        self._connect_seconds = connect_seconds
        self._ends_at = time.monotonic() + call_seconds

    def clone(self) -> "Deadline":
        return self

    def start_connect(self) -> float:
        return time.monotonic()

    @property
    def connect_timeout(self) -> float:
        return min(self._connect_seconds, self.read_timeout)

    @property
    def read_timeout(self) -> float:
        # Zero would mean "without waiting".
        return max(0.001, self._ends_at - time.monotonic())


class _TimedReader(io.RawIOBase):
    """Reads a socket until `ends_at`, because the socket's own timeout restarts with every byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends_at: float) -> None:
        self._raw, self._socket, self._ends_at = raw, sock, ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds_left = self._ends_at - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(seconds_left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedResponse(StandardResponse):
    """A response whose headers and body together must arrive within the timeout of the socket."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        seconds = sock.gettimeout()
        if seconds is not None:
            raw: Any = self.fp.detach()
            self.fp = io.BufferedReader(_TimedReader(raw, sock, time.monotonic() + seconds))


class _TimedConnection(HTTPConnection):
    response_class = TimedResponse


class _TimedConnectionOverTLS(HTTPSConnection):
    response_class = TimedResponse


class _UsedOnce(HTTPConnectionPool):
    """A pool whose connections are closed after one call.

    "Connection: close" alone is not enough: urllib3 reuses the connection unless the response has it too.
    """

    ConnectionCls: type[HTTPConnection] = _TimedConnection

    def _put_conn(self, conn: Any) -> None:
        if conn:
            conn.close()


class _UsedOnceOverTLS(_UsedOnce, HTTPSConnectionPool):
    ConnectionCls = _TimedConnectionOverTLS


def bare_session() -> requests.Session:
    """Return a session without adapters and cookies that ignores the environment.

    With `trust_env`, requests would read the environment at each call, and replace our key by a password from
    `~/.netrc`.
    """
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def session_for(base_url: str) -> requests.Session:
    """Return a session for one server, shared by threads. Each call opens its own connection.

    A server may close an idle connection just when the next call is sent. Then we would not know whether the call was
    carried out. Connecting takes milliseconds, an image seconds.
    Proxies and certificates are read from the environment now (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).
    """
    session = bare_session()
    environment = requests.Session().merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify = environment["proxies"], environment["verify"]
    session.headers["Connection"] = "close"
    # Only connecting is retried: once the request is sent, upstream may bill it.
    retry = Retry(connect=3, read=0, status=0, other=0, redirect=0, backoff_factor=0.3)
    pools: dict[str, type[HTTPConnectionPool]] = {"http": _UsedOnce, "https": _UsedOnceOverTLS}
    session.mount(base_url, PooledAdapter(pools, max_retries=retry))
    return session


def send(session: requests.Session, call: requests.PreparedRequest, deadline: Deadline) -> requests.Response:
    """Send a call, follow no redirects, and return the response before its body is read."""
    # requests passes urllib3's own timeouts on.
    return session.send(call, timeout=deadline, stream=True, allow_redirects=False)  # type: ignore[arg-type]


def read_body(raw: HTTPResponse, limit_bytes: int) -> bytes:
    """Return the body of a response that was requested with `stream=True`. Raises `TooLarge`, or urllib3's errors."""
    return b"".join(pieces_of(raw, limit_bytes))


def pieces_of(raw: HTTPResponse, limit_bytes: int) -> Iterator[bytes]:
    """Yield the body of such a response in pieces. Raises `TooLarge`, or urllib3's errors."""
    if (raw.length_remaining or 0) > limit_bytes:
        raise TooLarge
    is_encoded = "content-encoding" in raw.headers
    size = 0
    while piece := raw.read1(_STEP_BYTES, decode_content=is_encoded):
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge
        yield piece


def was_never_sent(error: Exception) -> bool:
    """Return whether the server cannot have carried out the call."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        # A refused certificate precedes the request; a lost connection may follow it.
        return not isinstance(reason and reason.args[0], ssl.SSLEOFError | ssl.SSLZeroReturnError)
    unsent = (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)
    return isinstance(error, unsent) or isinstance(reason, ConnectTimeoutError)
