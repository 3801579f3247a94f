import pytest

from batches.clients import http as client_http
from batches.clients.http import Deadline, session_for
from batches.tests.scripted_server import Script, http


def test_the_proxy_of_the_environment_is_used(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.expect(http(b"by proxy"))
    assert session_for("http://images.example").get("http://images.example/v1").text == "by proxy"
    assert server.requests[0].startswith(b"GET http://images.example/v1 ")


def test_all_attempts_of_a_call_have_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(client_http.time, "monotonic", lambda: now)
    deadline = Deadline(connect_seconds=20, call_seconds=60)
    left = []
    for now in (0.0, 50.0, 70.0):  # noqa: B007  (read by the clock above)
        attempt = deadline.clone()
        left.append((attempt.connect_timeout, attempt.read_timeout))
    assert left == [(20, 60), (10, 10), (0.001, 0.001)]
