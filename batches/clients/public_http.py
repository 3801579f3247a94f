"""Fetching a file from an address that somebody else has named: public addresses only.

The address is checked on the connected socket, before a byte is sent: what a host name resolves
to may change between a check by name and the connection.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from batches.clients.connections import PooledAdapter, bare_session, read_body

_TIMEOUT_SECONDS = (10, 60)
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: IPv6 that stands for an IPv4 address behind a translator.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(Exception):
    """The address is not on the public network, or not one that files are fetched from."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour or ip.teredo or ip in _TRANSLATED:
            return False
    return ip.is_global and not ip.is_multicast


class PublicHttp:
    """Fetches files over https from public addresses; from `own_url`'s server also if it is private."""

    def __init__(self, own_url: str) -> None:
        own = urlsplit(own_url)
        port = own.port or _DEFAULT_PORTS[own.scheme]
        self._session = bare_session()
        self._session.mount("https://", _adapter(own.hostname, port))
        if own.scheme == "http":
            self._session.mount(f"http://{own.netloc.rpartition('@')[2]}/", _adapter(own.hostname, port))

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


def _adapter(own_host: str | None, own_port: int) -> PooledAdapter:
    """An adapter whose connections refuse private addresses, but for one host and port."""

    class Checked:
        host: str
        port: int

        def _new_conn(self) -> Any:
            sock = super()._new_conn()  # type: ignore[misc]  # TCP only: no TLS, no HTTP yet
            if (self.host, self.port) != (own_host, own_port) and not is_public(sock.getpeername()[0]):
                sock.close()
                raise NotPublic("not a public address")
            return sock

    class Connection(Checked, HTTPConnection):
        pass

    class SecureConnection(Checked, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    # The picture is made and paid: losing it to a hiccup of the file server would be a pity.
    retry = Retry(total=3, redirect=0, status_forcelist=(500, 502, 503, 504), backoff_factor=0.3)
    return PooledAdapter({"http": Pool, "https": SecurePool}, max_retries=retry)
