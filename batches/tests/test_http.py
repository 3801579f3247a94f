from collections.abc import Iterator

import pytest

from batches.clients.http import session_for
from batches.tests.scripted_server import Script, ScriptedServer, http


@pytest.fixture
def server() -> Iterator[Script]:
    with ScriptedServer() as server:
        yield server.script
        server.script.closed.set()
        server.shutdown()


def test_the_proxy_of_the_environment_is_used(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.expect(http(b"by proxy"))
    assert session_for("http://images.example", 1).get("http://images.example/v1").text == "by proxy"
    assert server.requests[0].startswith(b"GET http://images.example/v1 ")
