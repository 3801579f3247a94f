"""Batches with reference photos through the API."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from batches.models import Batch, BatchReference, ImageModel, Reference
from tests.cast import fail_next, png

from .conftest import Program
from .test_references import upload_with

pytestmark = pytest.mark.django_db
UNKNOWN = "0b6f7a52-6a3c-4f5e-9a55-0f2f8f0a3c1d"


@pytest.fixture
def photos(alices: Program) -> list[str]:
    """Three photos of Alice's."""
    return [upload_with(alices, png(300 + n, 300)).json()["id"] for n in range(3)]


def faults(answer: Any) -> list[tuple[int | None, str, str]]:
    assert answer.status_code == 422, answer.content
    return [(each["row"], each["field"], each["code"]) for each in answer.json()["errors"]]


def links(batch: Batch) -> list[tuple[int, int, str]]:
    rows = BatchReference.objects.filter(batch=batch).order_by("position", "number")
    return [(position, number, str(pk)) for position, number, pk in rows.values_list("position", "number", "reference")]


def test_a_batch_and_its_rows_can_have_photos(alices: Program, photos: list[str]) -> None:
    rows = ["a cat", {"prompt": "a dog", "references": photos[1:]}, {"prompt": "a fox", "references": []}]
    answer = alices("POST", "/batches", {"prompts": rows, "references": photos[:1]})
    assert answer.status_code == 201
    # A photo costs two credits with each image.
    assert answer.json()["credits"]["needed"] == (1 + 2) + (1 + 4) + 1
    batch = Batch.objects.get()
    assert links(batch) == [(0, 1, photos[0]), (2, 1, photos[1]), (2, 2, photos[2])]
    images = alices("GET", f"/batches/{batch.pk}").json()["images"]
    assert [image["references"] for image in images] == [1, 2, 0]


def test_the_photos_are_part_of_the_cost_before_the_start(alices: Program, photos: list[str]) -> None:
    bill = alices("POST", "/batches?dry_run=true", {"prompts": ["a cat", "a dog"], "references": photos}).json()
    assert (bill["credits"]["needed"], bill["reference_credits"]) == (14, 12)
    assert [image["credits"] for image in bill["images"]] == [7, 7]


@pytest.mark.parametrize(
    "given", [{"references": [UNKNOWN]}, {"prompts": [{"prompt": "a cat", "references": [UNKNOWN]}]}]
)
def test_unknown_photos_are_refused(alices: Program, given: dict[str, Any]) -> None:
    row = 1 if "prompts" in given else None
    answer = alices("POST", "/batches", {"prompts": ["a cat"], **given})
    assert faults(answer) == [(row, "references", "unknown_reference")]


def test_nobody_elses_photos_can_be_used(alices: Program, photos: list[str], bob: User) -> None:
    Reference.objects.update(user=bob)
    assert faults(alices("POST", "/batches", {"prompts": ["a cat"], "references": photos}))


@pytest.mark.parametrize("is_row", [True, False])
def test_more_than_eight_are_refused(alices: Program, is_row: bool) -> None:
    many = [str(uuid.uuid4()) for _ in range(9)]
    row = {"prompt": "a cat", "references": many} if is_row else "a cat"
    answer = alices("POST", "/batches", {"prompts": [row], **({} if is_row else {"references": many})})
    assert "too_many_references" in {code for _row, _field, code in faults(answer)}


def test_a_model_without_photos_refuses_them(alices: Program, photos: list[str], image_model: ImageModel) -> None:
    ImageModel.objects.update(reference_credits=None)
    wanted = {"prompts": ["a cat"], "references": photos, "model": image_model.code}
    codes = {(field, code) for _row, field, code in faults(alices("POST", "/batches", wanted))}
    assert codes == {("references", "references_not_taken")}


def test_a_row_with_another_model_needs_one_that_takes_photos(alices: Program, photos: list[str]) -> None:
    ImageModel.objects.filter(code="gpt-image-2").update(reference_credits=None)
    rows = ["a cat", {"prompt": "a dog", "model": "gpt-image-2"}]
    answer = alices("POST", "/batches", {"prompts": rows, "references": photos})
    assert faults(answer) == [(2, "references", "references_not_taken")]


def test_models_say_what_a_photo_costs(alices: Program) -> None:
    assert alices("GET", "/models").json()["models"][0]["reference_credits"] == 2


def test_photos_are_added_again_in_their_order(alices: Program, photos: list[str]) -> None:
    rows = ["a cat", {"prompt": "a dog", "references": [photos[0], photos[2]]}]
    made = alices("POST", "/batches", {"prompts": rows, "references": photos[:1]}).json()
    batch = Batch.objects.get()
    for _ in rows:
        fail_next(batch, "upstream_error")
    path = f"/batches/{made['id']}"
    assert alices("POST", f"{path}/retry").status_code == 409
    again = [upload_with(alices, png(300, 300)).json()["id"] for _ in range(2)]
    assert alices("PUT", f"{path}/references", {"references": again}).json()["failed"] == 2
    assert links(batch) == [(0, 1, again[0]), (2, 1, again[0]), (2, 2, again[1])]
    assert alices("POST", f"{path}/retry").status_code == 200


def test_another_number_of_photos_is_not_added(alices: Program, photos: list[str]) -> None:
    made = alices("POST", "/batches", {"prompts": ["a cat"], "references": photos[:2]}).json()
    fail_next(Batch.objects.get(), "upstream_error")
    answer = alices("PUT", f"/batches/{made['id']}/references", {"references": photos[2:]})
    assert faults(answer) == [(None, "references", "other_count")]
    assert alices("PUT", f"/batches/{made['id']}/references", {"references": [UNKNOWN] * 2}).status_code == 409
