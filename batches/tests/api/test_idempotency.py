"""Idempotency keys: sent again, a request is answered as before and done once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.keys import idempotency
from accounts.models import IdempotentRequest, User
from batches.models import Batch
from batches.tests.api.conftest import MakeProgram, Program
from billing.credits import ledger
from tests.cast import deliver_next, fail_next

BODY = {"prompts": ["a cat"]}


def send(program: Program, body: Any = BODY, key: str = "order 1") -> Any:
    return program("POST", "/batches", body, Idempotency_Key=key)


def test_the_same_request_gets_the_same_answer(alices: Program) -> None:
    first, second = send(alices), send(alices)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert Batch.objects.count() == 1


def test_another_body_with_the_same_key_is_409(alices: Program) -> None:
    send(alices)
    assert send(alices, {"prompts": ["a dog"]}).status_code == 409
    assert Batch.objects.count() == 1


def test_keys_differ_in_case_and_between_programs(alices: Program, program: MakeProgram, alice: User) -> None:
    answers = [send(alices), send(alices, key="ORDER 1"), send(program(alice))]
    assert len({answer.json()["id"] for answer in answers}) == 3


def test_a_refused_request_may_be_sent_again(alices: Program, alice: User) -> None:
    ledger.grant_by_operator(alice, -5_005, "taken back")
    assert send(alices).status_code == 402
    ledger.grant_by_operator(alice, 10, "paid")
    assert send(alices).status_code == 201


def test_a_second_request_meanwhile_gets_retry_after(alices: Program) -> None:
    send(alices)
    IdempotentRequest.objects.update(status=None, locked_until=timezone.now() + timedelta(seconds=30))
    answer = send(alices)
    assert answer.status_code == 409
    assert 0 < int(answer.headers["Retry-After"]) <= 5


def test_a_key_left_by_a_crash_is_free_again_within_seconds(alices: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for name in ("finish", "unlock"):
            patch.setattr(idempotency, name, lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        assert send(alices).status_code == 500
    assert send(alices).status_code == 409
    IdempotentRequest.objects.update(locked_until=F("locked_until") - idempotency.UNDER_WAY)
    assert send(alices).json()["id"] == str(Batch.objects.get().pk)


def test_a_request_that_takes_too_long_leaves_the_work_to_its_retry(
    alices: Program, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_next(batch)

    def slow_finish(row: IdempotentRequest, *answer: Any) -> None:
        patch.undo()
        IdempotentRequest.objects.update(locked_until=F("locked_until") + idempotency.UNDER_WAY)
        idempotency.finish(row, *answer)

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", slow_finish)
        answer = alices("POST", f"/batches/{batch.pk}/images/1/again", {}, Idempotency_Key="one")
    assert (answer.status_code, Batch.objects.get().total) == (409, batch.total)
    assert IdempotentRequest.objects.get().status is None


def test_a_crash_before_the_answer_was_stored_makes_no_second_batch(
    alices: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        assert send(alices).status_code == 500
    assert send(alices).json()["id"] == str(Batch.objects.get().pk)


def test_a_fault_is_a_problem_and_the_request_may_be_sent_again(
    alices: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("batches.forms.submit_order", lambda *_: (_ for _ in ()).throw(RuntimeError("a bug")))
        answer = send(alices)
    assert (answer.status_code, answer.json()["type"]) == (500, "/api/v1/docs#server_error")
    assert send(alices).status_code == 201


def test_a_key_is_forgotten_after_a_day(alices: Program) -> None:
    first = send(alices)
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert send(alices).json()["id"] != first.json()["id"]


def test_old_answers_are_deleted(alices: Program) -> None:
    send(alices)
    assert idempotency.delete_expired() == 0
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert idempotency.delete_expired() == 1


def test_a_verb_takes_a_key_as_well(alices: Program, batch: Batch) -> None:
    path = f"/batches/{batch.pk}/pause"
    answers = [alices("POST", path, Idempotency_Key="stop") for _ in range(2)]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(("path", "status"), [("/images/1/again", 201), ("/retry", 200)])
def test_a_crash_before_the_answer_was_stored_undoes_the_act(
    alices: Program, batch: Batch, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    deliver_next(batch)
    fail_next(batch)
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        assert alices("POST", f"/batches/{batch.pk}{path}", {}, Idempotency_Key="one").status_code == 500
    answer = alices("POST", f"/batches/{batch.pk}{path}", {}, Idempotency_Key="one")
    total = batch.total + (path != "/retry")
    assert (answer.status_code, Batch.objects.get().total) == (status, total)
