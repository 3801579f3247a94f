"""The moderations API as a client: one call for several texts, and answers that cannot be used."""

from collections.abc import Iterator
from typing import Any

import pytest

from batches.clients import openai_moderation
from batches.clients.openai_errors import UpstreamError
from batches.tests.scripted_server import Reply, Script, ScriptedServer, http
from tests.upstream import Upstream


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    """A server in the place of upstream."""
    settings.OPENAI_MODERATION_MODEL = "omni-moderation-latest"
    with ScriptedServer() as server:
        settings.OPENAI_BASE_URL = server.script.url
        yield server.script
        server.shutdown()


def test_one_call_returns_the_categories_of_each_text(upstream: Upstream, settings: Any) -> None:
    settings.OPENAI_MODERATION_MODEL = "omni-moderation-latest"
    texts = ["a fox", "gore, nude", "a fox [flag]"]
    assert openai_moderation.flagged_categories(texts) == [(), ("sexual", "violence/graphic"), ("violence",)]
    assert len(upstream.calls()) == 1


REPLIES = {
    "no JSON": (http(b"<html>"), "unreadable_answer"),
    "fewer results": (http({"results": []}), "unreadable_answer"),
    "another shape": (http({"results": [None]}), "unreadable_answer"),
    "dropped": (http(b"{", length=99, close=True), "no_answer"),
    "too large": (http({"results": [{"categories": {}, "flagged": False}], "more": "x" * 1_000_000}), "no_answer"),
    "no such address": (http({"error": {"message": "no"}}, 404), "upstream_address"),
    "busy": (http({"error": {"message": "slow", "code": "rate_limit_exceeded"}}, 429), "upstream_busy"),
}


@pytest.mark.parametrize("case", REPLIES)
def test_an_answer_that_cannot_be_used_is_an_error(script: Script, case: str) -> None:
    reply, code = REPLIES[case]
    script.expect(reply)
    with pytest.raises(UpstreamError) as caught:
        openai_moderation.flagged_categories(["a private fox"])
    assert caught.value.code == code


def test_an_upstream_that_does_not_answer_is_given_up(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_moderation, "TIMEOUT", (60, 1.5))
    script.expect(Reply(None))
    with pytest.raises(UpstreamError, match="no_answer"):
        openai_moderation.flagged_categories(["a fox"])


def test_what_is_flagged_without_a_known_reason_has_one(script: Script) -> None:
    script.expect(http({"results": [{"flagged": True, "categories": {"BAD <b>": True, "hate": False}}]}))
    assert openai_moderation.flagged_categories(["a fox"]) == [("other",)]
