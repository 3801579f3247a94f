"""Reference photos on the form of a new batch."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from batches.models import Batch, ImageModel, Preset, Reference
from batches.references import uploads
from tests.cast import png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def photo(alice: User) -> Reference:
    """Alice's photo."""
    return uploads.store(alice, ContentFile(png(300, 400), "me.png"))


def file(width: int = 300, name: str = "me.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(width, 300), "image/png")


def photos_on(page: Any) -> list[str]:
    return re.findall(r'name="references" value="([^"]+)"', page.content.decode())


def test_photos_that_the_page_has_uploaded_become_the_batchs(alices: Client, form: Any, photo: Reference) -> None:
    assert alices.post("/batches/new/", {**form, "references": [str(photo.pk)]}).status_code == 302
    batch = Batch.objects.get()
    assert [link.reference for link in batch.reference_links.all()] == [photo]
    assert batch.hold.credits == 3 * (1 + 2)


def test_without_script_the_photos_come_with_the_form(alices: Client, form: Any) -> None:
    assert alices.post("/batches/new/", {**form, "photos": [file(300), file(400)]}).status_code == 302
    numbers = Batch.objects.get().reference_links.values_list("number", "reference__width")
    assert list(numbers) == [(1, 300), (2, 400)]


def test_checking_the_cost_keeps_the_photos(alices: Client, form: Any) -> None:
    page = alices.post("/batches/bill/", {**form, "photos": [file()]})
    assert photos_on(page) == [str(Reference.objects.get().pk)]
    assert alices.post("/batches/new/", {**form, "references": photos_on(page)}).status_code == 302


def test_the_bill_has_a_line_for_the_photos(alices: Client, form: Any, photo: Reference) -> None:
    page = alices.post("/batches/bill/?fragment=1", {**form, "references": [str(photo.pk)]}).content.decode()
    assert re.search(r"<dt>Reference photos</dt>\s*<dd>6 credits", page)


def test_a_bad_photo_is_named_and_the_good_ones_stay(alices: Client, form: Any) -> None:
    bad = SimpleUploadedFile("notes.txt", b"no photo")
    page = alices.post("/batches/new/", {**form, "photos": [file(), bad]})
    assert (page.status_code, len(photos_on(page))) == (422, 1)
    assert "notes.txt: This is not a JPEG, PNG, WebP or HEIC file." in page.content.decode()


@pytest.mark.parametrize("wrong", ["nonsense", "0b6f7a52-6a3c-4f5e-9a55-0f2f8f0a3c1d"])
def test_a_photo_that_is_gone_is_dropped_with_a_message(
    alices: Client, form: Any, photo: Reference, wrong: str
) -> None:
    page = alices.post("/batches/new/", {**form, "references": [wrong, str(photo.pk)]})
    assert page.status_code == 422
    assert "A reference photo is no longer on our server. Add it again." in page.content.decode()
    assert photos_on(page) == [str(photo.pk)]


def test_nobody_elses_photo_is_shown_or_used(bobs: Client, form: Any, photo: Reference) -> None:
    page = bobs.post("/batches/new/", {**form, "references": [str(photo.pk)]})
    assert (page.status_code, photos_on(page)) == (422, [])


def test_more_than_eight_photos_of_all_prompts_are_refused(alices: Client, form: Any) -> None:
    page = alices.post("/batches/new/", {**form, "photos": [file(300 + n) for n in range(9)]})
    assert "An image can be created from up to 8 reference photos." in page.content.decode()
    assert len(photos_on(page)) == 9


def test_more_photos_than_a_customer_can_have_are_not_stored(alices: Client, form: Any) -> None:
    page = alices.post("/batches/new/", {**form, "photos": [file() for _ in range(uploads.MAX_UNUSED + 1)]})
    assert "You can use up to 40 reference photos." in page.content.decode()
    assert not Reference.objects.exists()


def test_a_model_that_takes_no_photos_says_so(alices: Client, form: Any, photo: Reference) -> None:
    ImageModel.objects.update(reference_credits=None)
    page = alices.post("/batches/new/", {**form, "references": [str(photo.pk)]}).content.decode()
    assert "This model doesn’t take reference photos." in page


def test_the_rest_of_a_list_keeps_its_photos(alices: Client, form: Any, photo: Reference) -> None:
    page = alices.post("/batches/new/", {**form, "first": "1", "references": [str(photo.pk)]})
    assert photos_on(page) == [str(photo.pk)]


def test_a_preset_saved_with_photos_asks_for_photos(alices: Client, form: Any, photo: Reference) -> None:
    data = {**form, "references": [str(photo.pk)], "preset_title": "Me"}
    assert photos_on(alices.post("/batches/presets/save/", data)) == [str(photo.pk)]
    page = alices.get(Preset.objects.get(title="Me").get_absolute_url()).content.decode()
    assert "describe the person in a photo" in page


def test_sending_the_form_twice_makes_one_batch(alices: Client, form: Any) -> None:
    for _ in range(2):
        alices.post("/batches/new/", {**form, "photos": [file()]})
    assert Batch.objects.count() == 1


def test_other_photos_make_another_batch(alices: Client, form: Any) -> None:
    for width in (300, 400):
        alices.post("/batches/new/", {**form, "photos": [file(width)]})
    assert Batch.objects.count() == 2


def test_how_many_images_can_be_paid_counts_the_photos(bobs: Client, bob: User, form: Any) -> None:
    mine = uploads.store(bob, ContentFile(png(300, 400), "me.png"))
    # Bob has five free credits: one image with a photo.
    page = bobs.post("/batches/bill/?fragment=1", {**form, "references": [str(mine.pk)]}).content.decode()
    assert 'name="first" value="1"' in page
