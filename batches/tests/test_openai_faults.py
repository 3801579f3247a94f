"""The client against a server that breaks the rules of HTTP, or keeps to them where few expect it."""

import base64
import json
import logging
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batches.clients.openai import ImageRequest, OpenAIClient
from batches.clients.openai_errors import Broken, Busy, Faulty, Refused, Unknown, UpstreamError
from batches.tests.scripted_server import Drip, Reply, Script, ScriptedServer, http

KEY = "sk-proj-very-secret-0123456789"
REQUEST = ImageRequest("gpt-image-2.5-flare", "a cat", "1024x1024", "low", "png", "a-hash")
PICTURE = b"the bytes of a picture"
ANSWER = {"data": [{"b64_json": base64.b64encode(PICTURE).decode()}]}


def client_of(server: Script, **options: Any) -> OpenAIClient:
    return OpenAIClient(**{"api_key": KEY, "base_url": f"{server.url}/v1", "timeout": (60, 60), **options})


def test_each_call_has_a_connection_of_its_own(server: Script) -> None:
    server.expect(http(ANSWER), http(ANSWER))
    client = client_of(server)
    assert [client.generate(REQUEST).data for _ in range(2)] == [PICTURE] * 2
    assert server.connection_count == 2
    assert b"\r\nConnection: close\r\n" in server.requests[0]


def test_a_call_that_was_read_is_never_sent_again(server: Script) -> None:
    server.expect(Reply(b"", close=True), http(ANSWER))
    with pytest.raises(Unknown) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "no_answer"
    assert len(server.requests) == 1


@pytest.mark.parametrize("data", [b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01"])
def test_an_answer_that_is_no_http_is_an_unknown_outcome(server: Script, data: bytes) -> None:
    server.expect(Reply(data, close=True))
    with pytest.raises(Unknown):
        client_of(server).generate(REQUEST)


def test_an_answer_that_stops_halfway_is_an_unknown_outcome(server: Script) -> None:
    server.expect(http(ANSWER, length=9999, close=True))
    with pytest.raises(Unknown) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "no_answer"


def test_an_answer_that_stops_coming_is_an_unknown_outcome(server: Script) -> None:
    server.expect(Reply(None))
    with pytest.raises(Unknown):
        client_of(server, timeout=(60, 1.5)).generate(REQUEST)


def test_a_server_that_is_not_there_has_made_nothing() -> None:
    client = OpenAIClient(api_key=KEY, base_url="http://127.0.0.1:9/v1", timeout=(1, 1))
    with pytest.raises(Busy) as failure:
        client.generate(REQUEST)
    assert "could not be reached" in failure.value.message


def test_an_answer_in_chunks_is_read(server: Script) -> None:
    content = json.dumps(ANSWER).encode()
    chunked = b"".join(b"%x\r\n%b\r\n" % (1, content[place : place + 1]) for place in range(len(content)))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.expect(Reply(head + chunked + b"0\r\n\r\n"))
    assert client_of(server).generate(REQUEST).data == PICTURE


def test_an_answer_that_announces_too_much_is_not_read(server: Script) -> None:
    server.expect(http(ANSWER, length=40_000_000))
    with pytest.raises(Refused) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "too_large"


def test_an_answer_that_goes_on_and_on_is_not_read_to_its_end(server: Script) -> None:
    server.expect(Reply(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 34_000_000, close=True))
    with pytest.raises(Refused) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "too_large"


def test_a_page_of_html_is_a_fault_with_its_words(server: Script) -> None:
    server.expect(http(b"<html><h1>500 Oh no</h1></html>", 500))
    with pytest.raises(Faulty) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.message == "500 Oh no"


def test_an_error_whose_body_breaks_off_is_still_that_error(server: Script) -> None:
    server.expect(http(b"{", 503, length=500, close=True, Retry_After="9"))
    with pytest.raises(Busy) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.delay_seconds == 9


def test_a_redirect_is_not_followed(server: Script) -> None:
    server.expect(http(b"", 307, Location=f"{server.url}/elsewhere"))
    with pytest.raises(Broken) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "upstream_address"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_good_status_may_bring_an_image(server: Script, status: int) -> None:
    server.expect(http(ANSWER, status))
    assert client_of(server).generate(REQUEST).data == PICTURE


@pytest.mark.parametrize("status", [201, 202, 204])
def test_a_good_status_without_an_image_is_an_unknown_outcome(server: Script, status: int) -> None:
    server.expect(http({"id": "job_1", "status": "processing"}, status))
    with pytest.raises(Unknown) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "unreadable_answer"


@pytest.mark.parametrize(("quality", "sent"), [("high", {"quality": "high"}), ("", {})])
def test_compatible_servers_get_common_parameters_and_the_quality_if_there_is_one(
    server: Script, quality: str, sent: dict[str, str]
) -> None:
    server.expect(http(ANSWER))
    client_of(server).generate(replace(REQUEST, quality=quality, is_common=True))
    common = {"model": REQUEST.model, "prompt": "a cat", "n": 1, "size": "1024x1024", "response_format": "b64_json"}
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2]) == {**common, **sent}


def test_the_key_is_sent_whatever_the_machine_knows_about_the_host(
    server: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login alice password hers\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.expect(http(ANSWER))
    client_of(server).generate(REQUEST)
    assert f"Authorization: Bearer {KEY}\r\n".encode() in server.requests[0]


def test_cookies_are_not_stored(server: Script) -> None:
    server.expect(http(ANSWER, Set_Cookie="session=1"), http(ANSWER))
    client = client_of(server)
    client.generate(REQUEST)
    client.generate(REQUEST)
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize("reply", [http({"error": {"message": f"wrong key {KEY}"}}, 401), Reply(b"", close=True)])
def test_the_key_is_in_no_log_and_no_error(server: Script, reply: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.expect(reply)
    client = client_of(server)
    with pytest.raises((Broken, Unknown)) as failure:
        client.generate(REQUEST)
    output = "".join(traceback.format_exception(failure.value)) + repr(failure.value) + repr(client) + caplog.text
    assert KEY not in output


@pytest.mark.parametrize("status", [200, 401, 503])
def test_a_key_that_looks_like_any_word_is_cut_out_of_messages(server: Script, status: int) -> None:
    server.expect(http({"error": {"message": "not croissant-7!", "code": "slow_down"}}, status))
    with pytest.raises(UpstreamError) as failure:
        client_of(server, api_key="croissant-7").generate(REQUEST)
    assert failure.value.message == "not ***!"


@pytest.mark.parametrize("key", ["none", "any"])
def test_a_key_that_is_no_secret_stays_a_word_of_messages(server: Script, key: str) -> None:
    server.expect(http({"error": {"message": "none is as good as any"}}, 500))
    with pytest.raises(Faulty) as failure:
        client_of(server, api_key=key).generate(REQUEST)
    assert failure.value.message == "none is as good as any"


@pytest.mark.parametrize("key", ["", " ", "sk with blanks", "sk-line\nend", "clé"])
def test_a_key_that_cannot_be_sent_needs_an_operator(server: Script, key: str) -> None:
    with pytest.raises(Broken) as failure:
        client_of(server, api_key=key).generate(REQUEST)
    assert failure.value.code == "upstream_key"
    assert not server.requests


def test_a_picture_at_a_private_address_is_not_fetched(server: Script) -> None:
    with ScriptedServer() as private:
        server.expect(http({"data": [{"url": private.script.url.replace("http:", "https:") + "/secret"}]}))
        with pytest.raises(Unknown) as failure:
            client_of(server).generate(REQUEST)
        private.shutdown()
    assert "not a public address" in failure.value.message
    assert not private.script.requests


def test_a_picture_at_upstreams_own_address_is_fetched_without_the_key(server: Script) -> None:
    server.expect(http({"data": [{"url": f"{server.url}/files/1.png"}]}), http(PICTURE))
    assert client_of(server).generate(REQUEST).data == PICTURE
    assert b"authorization" not in server.requests[1].lower()


def test_a_picture_that_is_gone_from_its_address_is_an_unknown_outcome(server: Script) -> None:
    server.expect(http({"data": [{"url": f"{server.url}/files/1.png"}]}), http(b"", 404))
    with pytest.raises(Unknown) as failure:
        client_of(server).generate(REQUEST)
    assert failure.value.code == "unreadable_answer"


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 "]
)
def test_an_answer_that_comes_drop_by_drop_is_given_up(server: Script, start: bytes) -> None:
    server.expect(Drip(start, every_seconds=0.05))
    with pytest.raises(Unknown) as failure:
        client_of(server, timeout=(60, 1.5)).generate(REQUEST)
    assert failure.value.code == "no_answer"
