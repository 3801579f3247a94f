"""Photos that are only for some prompts of a list, on the pages."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from batches.models import Batch, ImageModel, Reference
from batches.references import positions, uploads
from tests.cast import fail_next, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(alice: User) -> list[Reference]:
    """Three photos of Alice's, 300, 301 and 302 pixels wide."""
    return [uploads.store(alice, ContentFile(png(300 + n, 400), "me.png")) for n in range(3)]


@pytest.fixture
def shared(form: dict[str, Any], photos: list[Reference]) -> dict[str, Any]:
    """The form with a photo for all prompts, one for the second, and one for the second and the third."""
    only = {f"only-{photos[1].pk}": "2", f"only-{photos[2].pk}": " 2–3 "}
    return {**form, "references": [str(photos[n].pk) for n in (1, 0, 2)], **only}


def widths(batch: Batch) -> list[list[int]]:
    prompts = batch.prompts.order_by("position")
    return [[photo.width for photo in Reference.objects.of_prompt(prompt)] for prompt in prompts]


@pytest.mark.parametrize(
    ("text", "found"), [("", []), ("3", [3]), ("7, 2 - 4;3", [2, 3, 4, 7]), ("1–2 9", [1, 2, 9]), ("5-5", [5])]
)
def test_positions_are_read_as_people_write_them(text: str, found: list[int]) -> None:
    assert positions.read(text) == found
    assert positions.read(positions.write(found)) == found


@pytest.mark.parametrize("text", ["0", "4-2", "two", "1-", "-3", "12345", "1," * 600])
def test_other_texts_are_no_positions(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        positions.read(text)


def test_neighbours_are_written_as_a_range() -> None:
    assert positions.write([3, 1, 2, 7, 9, 10]) == "1-3, 7, 9-10"


def test_prompts_have_their_own_photos_after_those_of_all(alices: Client, shared: dict[str, Any]) -> None:
    assert alices.post("/batches/new/", shared).status_code == 302
    batch = Batch.objects.get()
    assert widths(batch) == [[300], [300, 301, 302], [300, 302]]
    assert batch.hold.credits == 3 * 1 + (1 + 3 + 2) * 2


def test_the_bill_counts_photos_of_single_rows(alices: Client, shared: dict[str, Any]) -> None:
    page = alices.post("/batches/bill/?fragment=1", shared).content.decode()
    assert "<dd>12 credits" in page


def test_the_page_shows_them_again(alices: Client, shared: dict[str, Any], photos: list[Reference]) -> None:
    page = alices.post("/batches/bill/", shared).content.decode()
    assert f'name="only-{photos[2].pk}" value="2–3"' in page


@pytest.mark.parametrize(("text", "words"), [("9", "There is no prompt 9."), ("two", "Enter numbers of prompts")])
def test_numbers_that_are_wrong_are_an_error(
    alices: Client, shared: dict[str, Any], photos: list[Reference], text: str, words: str
) -> None:
    answer = alices.post("/batches/new/", {**shared, f"only-{photos[1].pk}": text})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_more_than_eight_for_one_prompt_are_an_error(alices: Client, alice: User, form: dict[str, Any]) -> None:
    many = [str(uploads.store(alice, ContentFile(png(300, 300), "me.png")).pk) for _ in range(9)]
    answer = alices.post("/batches/new/", {**form, "references": many})
    assert "An image can be created from up to 8 reference photos." in answer.content.decode()
    answer = alices.post("/batches/new/", {**form, "references": many, **{f"only-{pk}": "2" for pk in many}})
    assert "Prompt 2: a prompt can have up to 8 reference photos." in answer.content.decode()
    assert alices.post("/batches/new/", {**form, "references": many, f"only-{many[0]}": "2"}).status_code == 422


def test_the_rest_of_a_list_has_its_photos(alices: Client, shared: dict[str, Any], photos: list[Reference]) -> None:
    page = alices.post("/batches/new/", {**shared, "first": 2}).content.decode()
    assert widths(Batch.objects.get()) == [[300], [300, 301, 302]]
    assert f'name="only-{photos[2].pk}" value="1"' in page
    assert f'value="{photos[0].pk}"' in page
    assert str(photos[1].pk) not in page


def test_a_video_has_one_photo(alices: Client, shared: dict[str, Any], image_model: ImageModel) -> None:
    inputs = {"input": {"prompt": "$prompt", "image": "$first_frame"}}
    ImageModel.objects.filter(pk=image_model.pk).update(inputs=inputs)
    answer = alices.post("/batches/new/", shared)
    assert "Prompt 2: this model takes one photo, as the first frame of the video." in answer.content.decode()


def test_they_are_on_the_page_of_the_batch_and_deleted_there(
    alices: Client, shared: dict[str, Any], photos: list[Reference]
) -> None:
    alices.post("/batches/new/", shared)
    batch = Batch.objects.get()
    page = alices.get(batch.get_absolute_url()).content.decode()
    assert [words in page for words in ("Image 1", "For prompt 2<", "For prompts 2-3")] == [True] * 3
    alices.post(f"/batches/{batch.pk}/photos/3/delete/")
    assert set(Reference.objects.all()) == set(photos[:2])


def test_each_photo_is_added_again_once(alices: Client, shared: dict[str, Any]) -> None:
    alices.post("/batches/new/", shared)
    batch = Batch.objects.get()
    for _ in range(3):
        fail_next(batch, "upstream_error")
    assert not Reference.objects.exists()
    files = [SimpleUploadedFile("photo", png(300 + n, 300)) for n in range(3)]
    alices.post(f"/batches/{batch.pk}/photos/add/", {"photos": files})
    assert widths(batch) == [[300], [300, 301, 302], [300, 302]]
    alices.post(f"/batches/{batch.pk}/retry/")
    assert set(batch.prompts.values_list("status", flat=True)) == {"waiting"}
