"""HTTP sessions for calls that cost money: each is sent once; only connecting is retried."""

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import TimeoutError as TooSlow
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

# Smaller pieces wake the thread more often, and each time it waits for its turn among all threads: with 64 kB an answer
# took 3 ms more of a busy worker's CPU.
_STEP_BYTES = 256 * 1024


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
    """A session for one server, shared by up to `pool_size` threads. Each call has a connection of its own.

    A server may close an idle connection at the moment of the next call, and nobody knows then whether it was made.
    Connecting takes milliseconds, an image seconds.
    Proxies and certificates are those of the environment at this moment (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).
    """
    session = bare_session()
    surroundings = requests.Session().merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify = surroundings["proxies"], surroundings["verify"]
    session.headers["Connection"] = "close"
    # Only connecting is retried: whatever happens later may already be on the bill.
    retry = Retry(connect=3, read=0, status=0, other=0, redirect=0, backoff_factor=0.3)
    session.mount(base_url, HTTPAdapter(pool_connections=1, pool_maxsize=pool_size, max_retries=retry))
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
