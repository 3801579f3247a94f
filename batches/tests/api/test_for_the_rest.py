"""“Use this image for the rest” by programs."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import User
from batches import lifecycle
from batches.delivery.storage import expire
from batches.models import Batch, Reference
from billing.credits import ledger
from tests.cast import MakeBatch, deliver_next, give_credits, png

from .conftest import MakeProgram, Program

OFFER = {"images": 2, "credits": 4, "number": 1, "style": "same style as image 1, other content"}


@pytest.fixture
def started(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's batch of three prompts, whose first image is ready."""
    batch = make_batch(alice)
    deliver_next(batch, png(256, 256))
    return batch


def use(program: Program, batch: Batch, position: int = 1, query: str = "", **form: Any) -> Any:
    files = {name: SimpleUploadedFile(name, data) for name, data in form.items() if isinstance(data, bytes)}
    headers = form.pop("headers", {})
    path = f"/batches/{batch.pk}/images/{position}/rest{query}"
    return program("POST", path, encode_multipart(BOUNDARY, form | files), MULTIPART_CONTENT, **headers)


def rows(batch: Batch) -> list[tuple[int, int, str]]:
    return list(batch.prompts.order_by("position").values_list("credits", "reference_count", "style"))


def kind(answer: Any) -> str:
    return str(answer.json()["type"].rpartition("#")[2])


def test_waiting_images_are_created_from_it_too(alices: Program, started: Batch) -> None:
    answer = use(alices, started, style="true")
    assert (answer.status_code, answer.json()) == (200, OFFER)
    assert rows(started) == [(1, 0, ""), (3, 1, OFFER["style"]), (3, 1, OFFER["style"])]


def test_a_dry_run_changes_nothing(alices: Program, started: Batch) -> None:
    assert use(alices, started, query="?dry_run=true").json() == OFFER
    assert rows(started) == [(1, 0, "")] * 3
    assert not Reference.objects.exists()


def test_it_never_costs_more_than_was_said(alices: Program, started: Batch) -> None:
    answer = use(alices, started, credits=3)
    assert (answer.status_code, answer.json()["detail"]) == (409, "It costs 4 credits, not 3.")
    assert use(alices, started, credits=4).status_code == 200


def test_a_repeated_request_adds_one_photo(alices: Program, started: Batch) -> None:
    for _ in range(2):
        answer = use(alices, started, headers={"Idempotency-Key": "one"})
    assert (answer.json(), started.reference_links.count()) == (OFFER, 1)
    assert kind(use(alices, started, style="true", headers={"Idempotency-Key": "one"})) == "idempotency_key_reused"


def test_a_program_sends_the_image_if_the_server_has_none(alices: Program, started: Batch) -> None:
    expire(started.prompts.get(position=1))
    answer = use(alices, started)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "image_gone")
    assert use(alices, started, image=png(300, 300)).status_code == 200


def test_a_bad_image_is_refused(alices: Program, started: Batch) -> None:
    answer = use(alices, started, image=b"<svg/>")
    errors = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert (answer.status_code, errors) == (422, [("image", "unsupported_format")])
    assert use(alices, started, image=b"0" * 25_200_000).status_code == 413


def test_an_image_that_is_not_ready_is_not_used(alices: Program, started: Batch) -> None:
    assert kind(use(alices, started, position=2)) == "wrong_state"
    assert use(alices, started, position=9).status_code == 404


def test_of_a_batch_that_is_over_nothing_is_waiting(alices: Program, alice: User, started: Batch) -> None:
    lifecycle.cancel(started, alice)
    answer = use(alices, started)
    assert (kind(answer), answer.json()["detail"][:22]) == ("wrong_state", "No images are waiting ")


def test_without_credits_nothing_is_stored(alices: Program, alice: User, started: Batch) -> None:
    ledger.grant_by_operator(alice, -ledger.account_of(alice).left, "none left")
    assert use(alices, started).status_code == 402
    assert not Reference.objects.exists()


def test_others_batches_are_not_found(program: MakeProgram, bob: User, started: Batch) -> None:
    give_credits(bob, 10)
    assert use(program(bob), started).status_code == 404
