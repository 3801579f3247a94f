"""Calls to an address that somebody else has named: public addresses only.

A host name is resolved once, everything that it stands for is checked, and the connection goes to what was
checked: a name that stands for something else a moment later changes nothing, and nothing private is even knocked at.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.retry import Retry

from batches.clients.connections import PooledAdapter, bare_session, read_body

_TIMEOUT_SECONDS = (10, 60)
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: The part of IPv6 that is given out (RFC 4291). Outside of it are site-local addresses, and IPv4 behind translators.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")

#: Whether to connect, by host name, port and IP address.
Rule = Callable[[str, int, str], bool]


class NotPublic(Exception):
    """The address is not on the public network, or not one that is spoken to."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _GIVEN_OUT or ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast


class PublicHttp:
    """Fetches files over https from public addresses; from `own_url`'s server also if it is private."""

    def __init__(self, own_url: str) -> None:
        own = urlsplit(own_url)
        own_place = (own.hostname, own.port or _DEFAULT_PORTS[own.scheme])
        # The picture is made and paid: losing it to a hiccup of the file server would be a pity.
        # A thread waits meanwhile, so not for as long as the file server likes.
        faults = (500, 502, 503, 504)
        retry = Retry(
            total=3, redirect=0, status_forcelist=faults, backoff_factor=0.3, respect_retry_after_header=False
        )
        adapter = guarded_adapter(lambda host, port, ip: (host, port) == own_place or is_public(ip), retry)
        self._session = bare_session()
        self._session.mount("https://", adapter)
        if own.scheme == "http":
            self._session.mount(f"http://{own.netloc.rpartition('@')[2]}/", adapter)

    def fetch(self, url: str, limit_bytes: int) -> bytes:
        """The file at that address.

        Raises `NotPublic`, `connections.TooLarge` or the errors of requests and urllib3; also for
        redirects, which could lead anywhere, and for every status but 200.
        """
        try:
            request = requests.Request("GET", url, headers={"Accept-Encoding": "identity"})
            prepared = self._session.prepare_request(request)
            response = self._session.send(prepared, stream=True, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema, UnicodeError) as error:
            raise NotPublic("not an https address") from error
        with response:
            if response.status_code != 200:
                raise requests.HTTPError(f"status {response.status_code}", response=response)
            return read_body(response.raw, limit_bytes, _TIMEOUT_SECONDS[1])


class _GuardedMixin:
    """A connection that is made only where the rule allows."""

    is_allowed: Rule
    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> Any:
        # TCP only: no TLS, no HTTP yet. `_dns_host` is where urllib3 connects to; certificates are for `host`.
        host, refusal = self._dns_host, None
        try:
            for ip in self._checked_addresses():
                self._dns_host = ip
                try:
                    return super()._new_conn()  # type: ignore[misc]
                except NewConnectionError as error:
                    refusal = error
        finally:
            self._dns_host = host
        raise refusal or NotPublic("no address")

    def _checked_addresses(self) -> list[str]:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        addresses = [str(address[0]) for *_, address in found]
        if not all(self.is_allowed(self.host, self.port, ip) for ip in addresses):
            raise NotPublic("not a public address")
        return addresses


def guarded_adapter(is_allowed: Rule, retry: Retry, *mixins: type) -> PooledAdapter:
    """An adapter that connects only where the rule allows; `mixins` go in front of its connections' classes."""

    def pool(kind: type[HTTPConnectionPool], connection: type) -> type[HTTPConnectionPool]:
        rule = {"is_allowed": staticmethod(is_allowed)}
        guarded = type("Connection", (*mixins, _GuardedMixin, connection), rule)
        return type("Pool", (kind,), {"ConnectionCls": guarded})

    pools = {"http": pool(HTTPConnectionPool, HTTPConnection), "https": pool(HTTPSConnectionPool, HTTPSConnection)}
    return PooledAdapter(pools, max_retries=retry)
