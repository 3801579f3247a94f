"""HTTP calls to URLs that come from outside: public addresses only.

A host name is resolved once, all its addresses are checked, and the connection goes to a checked address. So a name
that resolves differently a moment later changes nothing, and no private address is ever contacted.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.retry import Retry

from batches.clients.http import Deadline, PooledAdapter, TimedResponse, bare_session, pieces_of, send

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Ports of web servers. Other ports below 1024 are for other services, such as mail and remote shells.
_WEB_PORTS, _FIRST_FREE_PORT = {80, 443}, 1024
# IANA's special-purpose registries (RFC 6890), read on 2026-11-29, and multicast. `ip_address.is_global` differs
# between versions of Python. Also refused: AS112, AMT and relays of 6to4, which are global but not web servers.
# https://www.iana.org/assignments/iana-ipv4-special-registry
_SPECIAL_V4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
"""
# https://www.iana.org/assignments/iana-ipv6-special-registry: those inside of 2000::/3, the only part of IPv6 that is
# assigned (RFC 4291). Outside of it are fc00::/7, fe80::/10, fec0::/10, ff00::/8, 100::/64, 5f00::/16, and IPv4
# written as IPv6: mapped ::ffff:0:0/96, compatible ::/96, NAT64 64:ff9b::/96 and 64:ff9b:1::/48.
_ASSIGNED_V6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
_SPECIAL = [ipaddress.ip_network(network) for network in (_SPECIAL_V4 + _SPECIAL_V6).split()]

#: Whether to connect, by host name, port and IP address.
Rule = Callable[[str, int, str], bool]


class NotPublic(Exception):
    """The address is not on the public network, or its protocol is not supported."""


def is_public(address: str) -> bool:
    """Return whether an IP address can be that of a server on the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6 and ip not in _ASSIGNED_V6:
        return False
    return not any(ip in network for network in _SPECIAL)


def is_web_port(port: int) -> bool:
    return port in _WEB_PORTS or port >= _FIRST_FREE_PORT


class PublicHttp:
    """Fetches files over https from public addresses, and from `own_url`'s server even if it is private."""

    def __init__(self, own_url: str) -> None:
        own = urlsplit(own_url)
        own_place = (own.hostname, own.port or _DEFAULT_PORTS[own.scheme])
        # The image is paid for, so a fault of the file server is retried. A thread waits for it, so a
        # long Retry-After is ignored.
        faults = (500, 502, 503, 504)
        retry = Retry(
            total=3, redirect=0, status_forcelist=faults, backoff_factor=0.3, respect_retry_after_header=False
        )
        adapter = guarded_adapter(
            lambda host, port, ip: (host, port) == own_place or (is_public(ip) and is_web_port(port)), retry
        )
        self._session = bare_session()
        self._session.mount("https://", adapter)
        if own.scheme == "http":
            self._session.mount(f"http://{own.netloc.rpartition('@')[2]}/", adapter)

    def fetch(self, url: str, limit_bytes: int, deadline: Deadline) -> bytes:
        """Return the file at that address. Raises as `pieces` does."""
        return b"".join(self.pieces(url, limit_bytes, deadline))

    def pieces(self, url: str, limit_bytes: int, deadline: Deadline) -> Iterator[bytes]:
        """Yield the file at that address in pieces.

        Raises `NotPublic`, `http.TooLarge` or the errors of requests and urllib3. Redirects, which could lead anywhere,
        are errors too, like every status except 200.
        """
        try:
            request = requests.Request("GET", url, headers={"Accept-Encoding": "identity"})
            prepared = self._session.prepare_request(request)
            response = send(self._session, prepared, deadline)
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema, UnicodeError) as error:
            raise NotPublic("not an https address") from error
        with response:
            if response.status_code != 200:
                raise requests.HTTPError(f"status {response.status_code}", response=response)
            yield from pieces_of(response.raw, limit_bytes)


class _GuardedMixin:
    """A connection that is opened only where the rule allows it."""

    is_allowed: Rule
    response_class = TimedResponse
    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> Any:
        # Opens the TCP connection only. urllib3 connects to `_dns_host`, and checks the certificate for `host`.
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


def guarded_adapter(is_allowed: Rule, retry: Retry) -> PooledAdapter:
    """Return an adapter that connects only where the rule allows it."""

    def pool(kind: type[HTTPConnectionPool], connection: type) -> type[HTTPConnectionPool]:
        rule = {"is_allowed": staticmethod(is_allowed)}
        guarded = type("Connection", (_GuardedMixin, connection), rule)
        return type("Pool", (kind,), {"ConnectionCls": guarded})

    pools = {"http": pool(HTTPConnectionPool, HTTPConnection), "https": pool(HTTPSConnectionPool, HTTPSConnection)}
    return PooledAdapter(pools, max_retries=retry)
