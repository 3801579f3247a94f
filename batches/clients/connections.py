"""HTTP sessions for calls that cost money: sent once, and sent again only if nobody can have read them."""

import socket
import ssl
import struct
import sys
import time
from http.client import HTTPException, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as TooSlow
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

# Servers close idle connections after 2 s (gunicorn), 5 s (uvicorn, Node) or later; a call that
# meets such a closing is lost. Calls that follow one another are milliseconds apart.
MAX_IDLE_SECONDS = 1.5
# Smaller pieces wake the thread more often, and each time it waits for its turn among all threads: with 64 kB an answer
# took 3 ms more of a busy worker's CPU.
_STEP_BYTES = 256 * 1024
#: Where the kernel's `struct tcp_info` counts the bytes that the other side has acknowledged.
_ACKNOWLEDGED_OFFSET = 120


class TooLarge(Exception):
    """A body has more bytes than its reader takes."""


class PooledAdapter(HTTPAdapter):
    """An adapter whose connections are of a class of our own."""

    def __init__(self, pools: dict[str, type[HTTPConnectionPool]], **options: Any) -> None:
        self._pools = pools
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of our own classes."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Make the pools behind a proxy of our own classes as well."""
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _OnceMixin:
    """A connection that knows whether a failed call can have reached the server.

    If it surely has not, the failure is the same as a refused connection, and the call is repeated
    on a new one: when the request was not handed over to the end, or when the server's machine has
    not acknowledged a byte of it (Linux tells; elsewhere that remains unknown).
    """

    sock: socket.socket | None
    _answered_at = 0.0
    _acknowledged_before: int | None = None
    _is_sent = False
    _is_unread = False

    @property
    def is_connected(self) -> bool:
        """Whether a kept connection may be used again."""
        is_fresh = time.monotonic() - self._answered_at < MAX_IDLE_SECONDS
        return is_fresh and super().is_connected  # type: ignore[misc]

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request."""
        self._is_sent = self._is_unread = False
        self._acknowledged_before = _acknowledged_bytes(self.sock)
        super().request(*args, **options)  # type: ignore[misc]
        self._is_sent = True

    def getresponse(self) -> Any:
        """Wait for the response; its body is still to be read."""
        try:
            response = super().getresponse()  # type: ignore[misc]
        except TimeoutError:
            raise
        except (OSError, HTTPException) as error:
            if not self._is_sent or self._is_unread:
                raise NewConnectionError(self, "closed before it was read") from error  # type: ignore[arg-type]
            if isinstance(error, ssl.SSLError):
                # Else it would look like a refused certificate, which comes before anything is sent.
                raise RemoteDisconnected(str(error)) from error
            raise
        self._answered_at = time.monotonic()
        return response

    def close(self) -> None:
        """Close it; when the other side has ended the connection, this is the last moment to ask the socket."""
        before = self._acknowledged_before
        self._is_unread = before is not None and before == _acknowledged_bytes(self.sock)
        super().close()  # type: ignore[misc]


def _acknowledged_bytes(sock: socket.socket | None) -> int | None:
    if sock is None or sys.platform != "linux":
        return None
    try:
        facts = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED_OFFSET + 8)
    except OSError:
        return None
    return int(struct.unpack_from("Q", facts, _ACKNOWLEDGED_OFFSET)[0]) if len(facts) > _ACKNOWLEDGED_OFFSET else None


class _Connection(_OnceMixin, HTTPConnection):
    pass


class _SecureConnection(_OnceMixin, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def bare_session() -> requests.Session:
    """A session that knows no address yet, keeps no cookies and asks the environment nothing.

    With `trust_env`, requests would ask it at each call, and replace our key by a password from `~/.netrc`.
    """
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def session_for(base_url: str, pool_size: int) -> requests.Session:
    """A session for one server, shared by up to `pool_size` threads.

    Proxies and certificates are those of the environment at this moment (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).
    """
    session = bare_session()
    surroundings = requests.Session().merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify = surroundings["proxies"], surroundings["verify"]
    # Only connecting is tried again: whatever happens later may already be on the bill.
    retry = Retry(connect=3, read=0, status=0, other=0, redirect=0, backoff_factor=0.3)
    pools = {"http": _Pool, "https": _SecurePool}
    session.mount(base_url, PooledAdapter(pools, pool_connections=1, pool_maxsize=pool_size, max_retries=retry))
    return session


def read_body(raw: HTTPResponse, limit_bytes: int, limit_seconds: float) -> bytes:
    """The body of a response that was asked for with `stream=True`.

    Raises `TooLarge`, or urllib3's errors; also when it has not come to its end in time, which the
    time-out of the connection does not see as long as a byte comes now and then.
    """
    if (raw.length_remaining or 0) > limit_bytes:
        raise TooLarge
    deadline = time.monotonic() + limit_seconds
    is_encoded = "content-encoding" in raw.headers
    pieces, size = [], 0
    while piece := raw.read1(_STEP_BYTES, decode_content=is_encoded):
        if time.monotonic() > deadline:
            raise TooSlow("the body took too long")
        pieces.append(piece)
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge
    return b"".join(pieces)
