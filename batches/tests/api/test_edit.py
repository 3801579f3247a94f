"""Edits of images by programs."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import AuditAction, AuditEntry, User
from batches.delivery.storage import expire
from batches.models import Batch, Edit, Prompt
from batches.tests.test_edit_inputs import mask
from billing.credits import ledger
from tests.cast import deliver_next, give_credits, png
from tests.upstream import Upstream

from .conftest import MakeProgram, Program


def edit(program: Program, batch: Batch, position: int = 1, headers: dict[str, str] | None = None, **form: Any) -> Any:
    form = {"instruction": "make the sky pink"} | form
    files = {name: SimpleUploadedFile(name, data) for name, data in form.items() if isinstance(data, bytes)}
    body = encode_multipart(BOUNDARY, form | files)
    path = f"/batches/{batch.pk}/images/{position}/edit"
    return program("POST", path, body, MULTIPART_CONTENT, **headers or {})


def test_an_edit_is_a_new_image_of_the_batch(alices: Program, ready: Batch) -> None:
    answer = edit(alices, ready, mask=mask((256, 256)), quality="medium")
    url = f"http://testserver/api/v1/batches/{ready.pk}/images/4"
    assert answer.status_code == 201
    assert answer.json() == {"position": 4, "name": "1 prompt number 1_v2.png", "credits": 3, "url": url}
    assert answer.headers["Location"] == url
    image = alices("GET", f"/batches/{ready.pk}").json()["images"][3]
    assert (image["origin"], image["is_edit"], image["version"]) == (1, True, 2)
    assert image["prompt"] == "make the sky pink"


def test_a_program_sends_the_image_if_the_server_has_none(alices: Program, ready: Batch) -> None:
    expire(Prompt.objects.get(position=1))
    answer = edit(alices, ready)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "image_gone")
    assert edit(alices, ready, image=png(256, 256)).status_code == 201


def test_a_repeated_request_makes_one_edit(alices: Program, ready: Batch) -> None:
    once = {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = edit(alices, ready, headers=once, mask=mask((256, 256)))
    assert (answer.status_code, Edit.objects.count()) == (201, 1)
    other = edit(alices, ready, headers=once, mask=mask((256, 256), (1, 1, 9, 9)))
    assert (other.status_code, other.json()["type"].rpartition("#")[2]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"instruction": " \n"}, "instruction", "empty_prompt"),
        ({"mask": mask((64, 64))}, "mask", "mask_size"),
        ({"image": b"<svg/>"}, "image", "unsupported_format"),
        ({"quality": "absurd"}, "model", "invalid_choice"),
        ({"model": "dall-e-3"}, "model", "invalid_choice"),
    ],
)
def test_a_bad_edit_is_refused_by_field(
    alices: Program, ready: Batch, form: dict[str, Any], field: str, code: str
) -> None:
    answer = edit(alices, ready, **form)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_a_flagged_image_is_not_stored_and_operators_see_it(
    alices: Program, alice: User, ready: Batch, moderated: Upstream
) -> None:
    answer = edit(alices, ready, image=png(1500, 600, "magenta"))
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("image", "flagged")]
    assert AuditEntry.objects.get(action=AuditAction.PHOTO_FLAGGED, user=alice).note == "violence"
    assert not Edit.objects.exists()


def test_only_images_that_are_not_ours_are_checked(alices: Program, ready: Batch, moderated: Upstream) -> None:
    assert edit(alices, ready, image=png(256, 256)).status_code == 201
    assert moderated.calls() == []
    assert edit(alices, ready, image=png(300, 256)).status_code == 201
    assert [call["endpoint"] for call in moderated.calls()] == ["moderations"]


def test_an_image_that_is_not_there_cannot_be_edited(alices: Program, ready: Batch) -> None:
    assert edit(alices, ready, 2).status_code == 409
    assert edit(alices, ready, 99).status_code == 404


def test_an_edit_needs_credits(alices: Program, alice: User, ready: Batch) -> None:
    ledger.grant_by_operator(alice, -ledger.account_of(alice).left, "none left")
    assert edit(alices, ready).status_code == 402


def test_an_edit_of_an_edit_is_no_version_with_the_same_prompt(alices: Program, ready: Batch) -> None:
    edit(alices, ready)
    for _ in range(3):
        deliver_next(ready, png(256, 256))
    answer = alices("POST", f"/batches/{ready.pk}/images/4/again", {})
    assert (answer.status_code, "is an edit" in answer.json()["detail"]) == (409, True)


def test_others_images_are_not_found(program: MakeProgram, bob: User, ready: Batch) -> None:
    give_credits(bob, 10)
    assert edit(program(bob), ready).status_code == 404


def test_a_form_of_more_than_an_image_and_a_mask_is_not_read(alices: Program, ready: Batch) -> None:
    assert edit(alices, ready, image=b"0" * 29_200_000).status_code == 413
