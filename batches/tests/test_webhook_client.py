"""Where messages may go, and how long an answer is waited for."""

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from batches.clients import public_http, webhooks
from batches.clients.http import Deadline
from batches.clients.public_http import NotPublic, PublicHttp
from batches.tests.receiver import Receiver
from batches.tests.scripted_server import Drip, ScriptedServer, http
from batches.tests.test_openai_tls import certificate


@pytest.fixture
def public_site(settings: Any) -> None:
    """A site with a real key: nothing of its own network may be spoken to."""
    settings.SANDBOX = False


def post(url: str) -> Any:
    return webhooks.post(url, "{}", {"webhook-id": "msg_1"})


def resolved(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    """Let host names stand for one list of addresses after the other; the last one for ever."""
    answers = list(answers)

    def getaddrinfo(host: Any, port: int, *args: Any, **options: Any) -> list[Any]:
        is_name = not host.replace(".", "").isdigit()
        found = (answers.pop(0) if len(answers) > 1 else answers[0]) if is_name else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(public_http.socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def knocks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where connections were tried; none succeeds."""
    tried = []

    def connect(self: socket.socket, address: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "127.1", "2130706433", "0x7f.1"])
def test_private_addresses_are_not_even_knocked_at(public_site: None, knocks: Any, host: str) -> None:
    assert post(f"https://{host}/hook").error in ("not_public", "unreachable")
    assert knocks == []


@pytest.mark.parametrize("port", [22, 25, 110, 1023])
def test_ports_of_other_services_are_not_even_knocked_at(public_site: None, knocks: Any, port: int) -> None:
    assert post(f"https://8.8.8.8:{port}/hook").error == "not_public"
    assert knocks == []
    assert webhooks.address_error(f"https://hooks.example.org:{port}/hook") == "bad_port"


@pytest.mark.parametrize("port", [80, 443, 1024, 65535])
def test_ports_of_web_servers_are_good(port: int) -> None:
    assert webhooks.address_error(f"https://hooks.example.org:{port}/hook") == ""


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254", "8.8.8.8"]])
def test_names_that_stand_for_private_addresses_are_not_knocked_at(
    public_site: None, monkeypatch: pytest.MonkeyPatch, knocks: Any, addresses: Any
) -> None:
    resolved(monkeypatch, addresses)
    assert post("https://rebound.example.org/hook").error == "not_public"
    assert knocks == []


def test_the_connection_goes_to_the_address_that_was_checked(
    public_site: None, monkeypatch: pytest.MonkeyPatch, knocks: Any
) -> None:
    resolved(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    assert post("https://rebinding.example.org/hook").error == "unreachable"
    assert knocks == ["8.8.8.8"]


def test_the_next_address_is_tried_when_one_refuses(
    public_site: None, monkeypatch: pytest.MonkeyPatch, knocks: Any
) -> None:
    resolved(monkeypatch, ["8.8.8.8", "9.9.9.9"])
    post("https://two.example.org/hook")
    assert knocks == ["8.8.8.8", "9.9.9.9"]


def test_a_public_site_speaks_https_only(public_site: None, receiver: Receiver) -> None:
    assert post(receiver.url).error == "bad_address"
    assert receiver.messages == []


def test_a_sandbox_that_is_public_is_no_exception(settings: Any, receiver: Receiver) -> None:
    settings.IS_PUBLIC = True
    assert post(receiver.url).error == "bad_address"
    assert post(receiver.url.replace("http:", "https:")).error == "not_public"


def test_a_sandbox_speaks_to_its_own_machine_only(receiver: Receiver, knocks: Any) -> None:
    assert webhooks.address_error(receiver.url) == ""
    assert post("http://10.0.0.1/hook").error == "not_public"


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://8.8.8.8/", "https://", "https://[::1/", "https://a.b:99999/"])
def test_what_is_no_address_is_an_answer_and_no_crash(url: str) -> None:
    assert webhooks.address_error(url)
    assert post(url).error in ("bad_address", "not_public", "unreachable")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.pem"
    file.write_bytes(certificate())
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(file)
    with ScriptedServer(tls) as server:
        assert post(f"{server.script.url}/hook").error == "tls"
        assert server.script.requests == []
        server.shutdown()


def test_an_answer_that_never_comes_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_CALL_SECONDS", 1.5)
    receiver.may_answer.clear()
    assert post(receiver.url).error == "timeout"


def test_a_head_that_comes_drop_by_drop_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_CALL_SECONDS", 1.5)
    with ScriptedServer() as server:
        server.script.expect(Drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.05))
        began_at = time.monotonic()
        assert post(f"{server.script.url}/hook").error == "timeout"
        assert time.monotonic() - began_at < 30
        server.shutdown()


def test_a_body_that_does_not_come_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_CALL_SECONDS", 3)
    with ScriptedServer() as server:
        server.script.expect(http(b"", length=1000))
        answer = post(f"{server.script.url}/hook")
        assert (answer.status, answer.excerpt) == (200, "")
        server.script.closed.set()
        server.shutdown()


def test_an_endless_body_is_not_read(receiver: Receiver) -> None:
    receiver.statuses, receiver.answer = [200], b"x" * 10_000_000
    assert len(post(receiver.url).excerpt) == 300


def test_files_are_not_fetched_from_names_of_private_addresses(
    public_site: None, monkeypatch: pytest.MonkeyPatch, knocks: Any
) -> None:
    resolved(monkeypatch, ["10.0.0.7"])
    with pytest.raises(NotPublic):
        PublicHttp("https://api.example/v1").fetch("https://files.example.org/1.png", 100, Deadline(60, 60))
    assert knocks == []
