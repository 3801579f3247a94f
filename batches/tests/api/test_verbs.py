"""What a program does to a batch: done, done before, or not possible; and only to its owner's."""

import pytest

from accounts.models import User
from batches.choices import BatchStatus
from batches.models import Batch
from billing.credits import ledger
from tests.cast import deliver_next, fail_next

from .conftest import MakeProgram, Program

VERBS = ("pause", "resume", "cancel", "retry")


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        (["pause"], "paused"),
        (["pause", "pause"], "paused"),
        (["pause", "resume"], "queued"),
        (["resume"], "queued"),
        (["cancel"], "cancelled"),
        (["cancel", "cancel"], "cancelled"),
    ],
)
def test_a_verb_leads_to_a_state_however_often(alices: Program, batch: Batch, verbs: list[str], status: str) -> None:
    answers = [alices("POST", f"/batches/{batch.pk}/{verb}") for verb in verbs]
    assert [answer.status_code for answer in answers] == [200] * len(verbs)
    assert answers[-1].json()["status"] == status


@pytest.mark.parametrize("verb", ["pause", "resume", "retry"])
def test_a_cancelled_batch_stays_so(alices: Program, batch: Batch, verb: str) -> None:
    alices("POST", f"/batches/{batch.pk}/cancel")
    answer = alices("POST", f"/batches/{batch.pk}/{verb}")
    assert (answer.status_code, answer.json()["detail"]) == (409, "The batch's status is cancelled.")


def test_cancelling_gives_the_credits_back(alices: Program, alice: User, batch: Batch) -> None:
    alices("POST", f"/batches/{batch.pk}/cancel")
    assert ledger.account_of(alice).held == 0


def test_failed_images_are_tried_again(alices: Program, batch: Batch) -> None:
    fail_next(batch)
    answer = alices("POST", f"/batches/{batch.pk}/retry")
    assert (answer.json()["failed"], answer.json()["waiting"]) == (0, 3)


def test_a_retry_without_credits_is_402(alices: Program, alice: User, batch: Batch) -> None:
    fail_next(batch)
    ledger.grant_by_operator(alice, -5_003, "taken back")
    assert alices("POST", f"/batches/{batch.pk}/retry").status_code == 402


def test_a_deleted_batch_is_gone_with_its_images(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    assert alices("DELETE", f"/batches/{batch.pk}").status_code == 204
    assert alices("GET", f"/batches/{batch.pk}").status_code == 404
    assert alices("GET", f"/batches/{batch.pk}/images/1").status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_gets_404_and_changes_nothing(program: MakeProgram, charlie: User, batch: Batch, verb: str) -> None:
    ledger.grant_by_operator(charlie, 10, "paid")
    charlies = program(charlie)
    assert charlies("POST", f"/batches/{batch.pk}/{verb}").status_code == 404
    assert charlies("DELETE", f"/batches/{batch.pk}").status_code == 404
    assert charlies("GET", f"/batches/{batch.pk}").status_code == 404
    assert charlies("GET", f"/batches/{batch.pk}/images/1").status_code == 404
    batch.refresh_from_db()
    assert batch.status == BatchStatus.QUEUED
