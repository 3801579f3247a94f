import time

import pytest
import requests

from batches.clients.http import Deadline, TooLarge
from batches.clients.public_http import NotPublic, PublicHttp, is_public
from batches.tests.scripted_server import Script, ScriptedServer, http

ELSEWHERE = "https://api.example/v1"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "192.0.1.1", "198.17.255.255", "2620:4f:8001::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
        "2001::1",
        "2001:1::1",
        "2001:db8::1",
        "2001:1ff::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
        "100::1",
        "100:0:0:1::1",
        "ff02::1",
        "172.31.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.175.48.1",
        "198.19.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "255.255.255.255",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "fec0::1",
        "2002:7f00:1::",
    ],
)
def test_every_other_address_is_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("port", [22, 25, 81, 444, 993, 1023])
def test_ports_of_other_services_are_not_connected_to(port: int) -> None:
    with pytest.raises(NotPublic):
        PublicHttp(ELSEWHERE).fetch(f"https://8.8.8.8:{port}/1.png", 100, Deadline(60, 60))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0"])
def test_a_private_host_is_refused_however_it_is_written(server: Script, host: str) -> None:
    port = server.url.rpartition(":")[2]
    with pytest.raises((NotPublic, requests.ConnectionError)):
        PublicHttp(ELSEWHERE).fetch(f"https://{host}:{port}/", 100, Deadline(60, 60))
    assert not server.requests


@pytest.mark.parametrize("url", ["http://8.8.8.8/1.png", "file:///etc/passwd", "ftp://example.org/1.png", "/1.png", ""])
def test_only_https_is_fetched(url: str) -> None:
    with pytest.raises(NotPublic):
        PublicHttp(ELSEWHERE).fetch(url, 100, Deadline(60, 60))


def test_the_servers_own_address_may_be_private(server: Script) -> None:
    server.expect(http(b"picture"))
    assert PublicHttp(f"{server.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60)) == b"picture"


def test_another_port_of_the_same_host_is_another_server(server: Script) -> None:
    with ScriptedServer() as own:
        with pytest.raises(NotPublic):
            PublicHttp(f"{own.script.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60))
        own.shutdown()
    assert not server.requests


def test_a_redirect_is_not_followed(server: Script) -> None:
    server.expect(http(b"", 302, Location=f"{server.url}/secret"))
    with pytest.raises(requests.HTTPError):
        PublicHttp(f"{server.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60))
    assert len(server.requests) == 1


def test_a_file_larger_than_the_limit_is_not_read(server: Script) -> None:
    server.expect(http(b"x" * 101))
    with pytest.raises(TooLarge):
        PublicHttp(f"{server.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60))


def test_a_hiccup_of_the_file_server_loses_no_picture(server: Script) -> None:
    server.expect(http(b"", 503), http(b"picture"))
    assert PublicHttp(f"{server.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60)) == b"picture"


def test_a_file_server_does_not_decide_how_long_a_thread_waits(server: Script) -> None:
    server.expect(http(b"", 503, Retry_After=600), http(b"picture"))
    began_at = time.monotonic()
    PublicHttp(f"{server.url}/v1").fetch(f"{server.url}/1.png", 100, Deadline(60, 60))
    assert time.monotonic() - began_at < 60
