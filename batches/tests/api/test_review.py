"""What a program does in review: verdicts, and further versions."""

import pytest

from accounts.models import User
from batches.models import Batch
from billing.credits import ledger
from tests.cast import deliver_next, give_credits

from .conftest import MakeProgram, Program


def images(program: Program, batch: Batch) -> list[dict[str, object]]:
    return program("GET", f"/batches/{batch.pk}").json()["images"]


@pytest.fixture
def ready(batch: Batch) -> Batch:
    deliver_next(batch)
    deliver_next(batch)
    return batch


def test_verdicts_are_stored_by_position(alices: Program, ready: Batch) -> None:
    answer = alices("PUT", f"/batches/{ready.pk}/verdicts", {"1": "keep", "2": "reject", "3": "keep"})
    assert answer.status_code == 200
    assert [image["verdict"] for image in images(alices, ready)] == ["keep", "reject", ""]


def test_an_empty_text_takes_a_verdict_back(alices: Program, ready: Batch) -> None:
    for verdict in ("reject", ""):
        alices("PUT", f"/batches/{ready.pk}/verdicts", {"1": verdict})
    assert images(alices, ready)[0]["verdict"] == ""


@pytest.mark.parametrize("body", [{"1": "maybe"}, {"first": "keep"}, ["keep"], {"1": None}])
def test_other_verdicts_are_refused(alices: Program, ready: Batch, body: object) -> None:
    answer = alices("PUT", f"/batches/{ready.pk}/verdicts", body)
    assert (answer.status_code, answer.json()["title"]) == (422, "The request isn't valid")


def test_a_version_is_a_new_image_of_the_batch(alices: Program, ready: Batch) -> None:
    answer = alices("POST", f"/batches/{ready.pk}/images/1/again", {"prompt": "a red cat", "quality": "medium"})
    url = f"http://testserver/api/v1/batches/{ready.pk}/images/4"
    assert answer.status_code == 201
    assert answer.json() == {"position": 4, "name": "1 prompt number 1_v2.png", "credits": 2, "url": url}
    assert answer.headers["Location"] == url
    image = images(alices, ready)[3]
    assert (image["origin"], image["version"], image["prompt"]) == (1, 2, "a red cat")


def test_without_options_a_version_has_those_of_the_image(alices: Program, ready: Batch) -> None:
    alices("POST", f"/batches/{ready.pk}/images/2/again", {})
    assert images(alices, ready)[3]["prompt"] == "prompt number 2"


def test_a_repeated_request_makes_one_version(alices: Program, ready: Batch) -> None:
    for _ in range(2):
        answer = alices("POST", f"/batches/{ready.pk}/images/1/again", {}, Idempotency_Key="one")
    assert answer.json()["position"] == 4
    assert len(images(alices, ready)) == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [({"prompt": " \n"}, "prompt"), ({"quality": "absurd"}, "quality")],
)
def test_a_bad_version_is_refused_by_field(alices: Program, ready: Batch, body: object, field: str) -> None:
    answer = alices("POST", f"/batches/{ready.pk}/images/1/again", body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


def test_an_image_that_is_not_ready_has_no_versions(alices: Program, ready: Batch) -> None:
    answer = alices("POST", f"/batches/{ready.pk}/images/3/again", {})
    assert (answer.status_code, answer.json()["title"]) == (409, "The batch's status doesn't allow this")


def test_without_credits_no_version_is_made(alices: Program, alice: User, ready: Batch) -> None:
    ledger.grant_by_operator(alice, -ledger.account_of(alice).left, "none left")
    answer = alices("POST", f"/batches/{ready.pk}/images/1/again", {})
    assert answer.status_code == 402
    assert len(images(alices, ready)) == 3


def test_others_batches_are_not_found(program: MakeProgram, bob: User, ready: Batch) -> None:
    give_credits(bob, 10)
    bobs = program(bob)
    assert bobs("PUT", f"/batches/{ready.pk}/verdicts", {"1": "keep"}).status_code == 404
    assert bobs("POST", f"/batches/{ready.pk}/images/1/again", {}).status_code == 404
