import sys

import pytest
import requests
import urllib3

from batches.clients.connections import session_for
from batches.tests.scripted_server import Reply, ScriptedServer, http


@pytest.fixture
def server(monkeypatch):
    # As if a connection always closed between the look at it and its use.
    monkeypatch.setattr(urllib3.connection, "wait_for_read", lambda *args, **options: False)
    with ScriptedServer() as server:
        yield server.script
        server.script.closed.set()
        server.shutdown()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what was acknowledged")
def test_a_request_of_which_nothing_was_acknowledged_is_sent_again(server):
    server.expect(http(b"one", close=True), http(b"two"))
    session = session_for(server.url, 1)
    session.get(server.url)
    server.closed.wait(5)
    assert session.get(server.url).text == "two"
    assert len(server.requests) == 2


def test_a_request_that_was_acknowledged_is_not_sent_again(server):
    server.expect(http(b"one"), Reply(b"", close=True), http(b"two"))
    session = session_for(server.url, 1)
    session.get(server.url)
    with pytest.raises(requests.ConnectionError):
        session.get(server.url)
    assert len(server.requests) == 2


def test_the_proxy_of_the_environment_is_used(server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.expect(http(b"by proxy"))
    assert session_for("http://images.example", 1).get("http://images.example/v1").text == "by proxy"
    assert server.requests[0].startswith(b"GET http://images.example/v1 ")
