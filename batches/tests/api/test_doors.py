"""Who is let in, how often, and what no server could read: each with a problem document of its own."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import User
from billing import plans
from billing.credits import ledger
from billing.plans import Plan

from .conftest import MakeProgram, Program, program_with

pytestmark = pytest.mark.any_database

LIMITED = Plan("pro", "Pro", requests_per_minute=3)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stop the clock of the limits ten seconds before a minute ends; the test moves it."""
    now = [1_800_000_050.0]
    monkeypatch.setattr("rest.request_limits.time", SimpleNamespace(time=lambda: now[0]))
    return now


def kind(answer: Any) -> tuple[int, str]:
    """Return the status and what kind of problem the document says it is."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["type"].partition("#")[2]


@pytest.mark.parametrize("text", ["", "x", "iib_wrong_key", "iib_" + "a" * 12 + "_" + "0" * 48, "iib_\u00e9"])
def test_a_key_that_is_none(db: None, text: str) -> None:
    assert kind(program_with(text)("GET", "/account")) == (401, "invalid_key")


def test_the_error_without_a_key_says_how_to_send_one(client: Client) -> None:
    answer = client.get("/api/v1/account")
    assert kind(answer) == (401, "missing_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_and_an_expired_key(alice: User) -> None:
    revoked, revoked_text = api_keys.create(alice, "a program")
    revoked.revoke(alice)
    _, expired_text = api_keys.create(alice, "a program", expires_at=timezone.now() - timedelta(days=1))
    assert kind(program_with(revoked_text)("GET", "/account")) == (401, "revoked_key")
    assert kind(program_with(expired_text)("GET", "/account")) == (401, "expired_key")


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("batches:write", "GET", "/batches"),
        ("batches:read", "POST", "/batches"),
        ("batches:read", "GET", "/usage"),
        ("usage:read", "GET", "/account"),
    ],
)
def test_a_key_without_the_scope_is_refused(
    program: MakeProgram, alice: User, scope: str, method: str, path: str
) -> None:
    body = {"prompts": ["a cat"]} if method == "POST" else None
    assert kind(program(alice, scope)(method, path, body)) == (403, "scope_missing")


def test_a_cookie_opens_nothing(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/api/v1/account").status_code == 401


def test_the_free_plan_has_no_api(program: MakeProgram, bob: User) -> None:
    assert kind(program(bob)("GET", "/account")) == (403, "plan_without_api")


def test_who_has_used_up_a_pack_still_gets_the_images(program: MakeProgram, bob: User) -> None:
    ledger.grant_by_operator(bob, 10, "paid")
    ledger.grant_by_operator(bob, -15, "used")
    assert program(bob)("GET", "/batches").status_code == 200


@pytest.mark.usefixtures("clock")
def test_every_response_has_the_state_of_the_limit(alices: Program) -> None:
    left = [int(alices("GET", "/account").headers["RateLimit-Remaining"]) for _ in range(2)]
    answer = alices("GET", "/batches/x")
    assert left == [119, 118]
    assert "RateLimit-Limit" not in answer.headers


@pytest.mark.usefixtures("clock")
def test_too_many_requests_get_retry_after(alices: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.program_key.plan_read_with", lambda user: LIMITED)
    answers = [alices("GET", "/account") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert kind(answers[3]) == (429, "too_many_requests")
    assert answers[3].headers["Retry-After"] == "10"
    assert answers[3].headers["RateLimit-Remaining"] == "0"


@pytest.mark.usefixtures("clock")
def test_refused_calls_count_in_the_limit(program: MakeProgram, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.program_key.plan_read_with", lambda user: LIMITED)
    reader = program(alice, "batches:read")
    assert [reader("GET", "/usage").status_code for _ in range(4)] == [403, 403, 403, 429]


def test_requests_are_accepted_again_after_the_wait(
    alices: Program, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.program_key.plan_read_with", lambda user: LIMITED)
    refused = [alices("GET", "/account") for _ in range(10)][-1]
    clock[0] += int(refused.headers["Retry-After"])
    again = alices("GET", "/account").headers
    assert (again["RateLimit-Remaining"], again["RateLimit-Reset"]) == ("2", "60")


@pytest.mark.parametrize("gone", [OperationalError(2006, "Server has gone away"), InterfaceError(0, "")])
def test_a_database_that_is_away_is_a_wait(alices: Program, monkeypatch: pytest.MonkeyPatch, gone: Exception) -> None:
    monkeypatch.setattr(api_keys, "find", lambda *_: (_ for _ in ()).throw(gone))
    answer = alices("GET", "/account")
    assert kind(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.usefixtures("clock")
def test_each_key_has_a_limit_of_its_own(program: MakeProgram, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.program_key.plan_read_with", lambda user: LIMITED)
    first, second = program(alice), program(alice)
    assert [first("GET", "/account").status_code for _ in range(4)][3] == 429
    assert second("GET", "/account").status_code == 200


def test_a_larger_plan_allows_more_requests() -> None:
    assert plans.STARTER.requests_per_minute < plans.PRO.requests_per_minute < plans.PARTNER.requests_per_minute


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe\xfd", b"[" * 100_000, b"9" * 5_000, b"\x00"],
    ids=["cut", "no UTF-8", "deep", "huge number", "NUL"],
)
def test_a_body_that_is_no_json(alices: Program, body: bytes) -> None:
    assert kind(alices("POST", "/batches", body)) == (400, "invalid_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b"3", b'""', b"NaN", b"{}", b'{"prompts": {}}', b'{"prompts": NaN}'])
def test_json_that_is_no_batch(alices: Program, body: bytes) -> None:
    assert kind(alices("POST", "/batches", body)) == (422, "invalid")


def test_a_request_without_a_body_is_invalid(alices: Program) -> None:
    assert kind(alices("POST", "/batches")) == (422, "invalid")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_of_another_type_is_refused(alices: Program, content_type: str) -> None:
    body = b'{"prompts": ["a cat"]}'
    assert kind(alices("POST", "/batches", body, content_type=content_type)) == (415, "not_json")


def test_a_body_of_ten_megabytes_is_too_large(alices: Program) -> None:
    assert kind(alices("POST", "/batches", {"prompts": ["x" * 10_000_000]})) == (413, "body_too_large")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_in_chunks_is_refused(alices: Program, method: str) -> None:
    assert kind(alices(method, "/batches", b"", Transfer_Encoding="chunked")) == (400, "bad_request")


@pytest.mark.parametrize("path", ["/nothing", "/batches/x", "/batches/", "/", "/batches/%00"])
def test_an_unknown_address_is_not_found(alices: Program, path: str) -> None:
    assert kind(alices("GET", path)) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/batches"), ("PATCH", "/account"), ("TRACE", "/models")])
def test_a_method_that_is_not_possible_is_refused(alices: Program, method: str, path: str) -> None:
    answer = alices(method, path)
    assert kind(answer) == (405, "method_not_allowed")
    assert "OPTIONS" in answer.headers["Allow"]


def test_options_lists_the_methods(alices: Program) -> None:
    answer = alices("OPTIONS", "/batches")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_head_answers_like_get_without_a_body(alices: Program) -> None:
    head, get = alices("HEAD", "/account"), alices("GET", "/account")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
