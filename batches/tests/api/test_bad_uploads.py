"""Files that nobody should upload, over HTTP: as reference photos, as the image of an edit and as its mask."""

from functools import cache
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from batches.delivery.storage import folder_of
from batches.models import Batch, Edit, Reference
from batches.references.photos import SENTENCES
from batches.tests.test_edit_inputs import mask
from batches.tests.test_photos import REFUSED, bomb, drawn, saved
from tests.cast import SignedIn, png

from .conftest import Program
from .test_edit import edit
from .test_references import upload_with

pytestmark = pytest.mark.any_database

READ = {name: code for name, (_make, code) in REFUSED.items() if name != "60 MB"}
MESSAGES = {code: str(sentence) for code, sentence in SENTENCES.items()}
MASKS = {
    "of another size": (mask((64, 64)), "mask_size"),
    "a bomb": (bomb(), "mask_size"),
    "without transparency": (mask((256, 256), mode="RGB"), "mask_without_alpha"),
    "without a hole": (mask((256, 256), (0, 0, 0, 0)), "mask_without_hole"),
    "a JPEG": (saved(drawn(256, 256)), "mask_not_png"),
    "truncated": (mask((256, 256))[:90], "mask_damaged"),
    "too large": (mask((256, 256)).ljust(4_000_001), "mask_too_large"),
}
GOOD = {
    "CMYK": lambda: saved(drawn(mode="CMYK")),
    "16-bit": lambda: saved(drawn(mode="L").convert("I;16"), "PNG"),
    "with HTML behind it": lambda: saved(drawn(), "PNG") + b"<script>alert(1)</script>",
    "a JPEG called PNG": lambda: saved(drawn()),
}


@cache
def content(name: str) -> bytes:
    data: bytes = REFUSED[name][0]()
    return data


def errors(answer: Any) -> list[tuple[str, str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["field"], error["code"], error["message"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize("name", READ)
def test_the_api_says_why_a_photo_is_refused(alices: Program, name: str) -> None:
    code = READ[name]
    assert errors(upload_with(alices, content(name))) == [("file", code, MESSAGES[code])]
    assert not Reference.objects.exists()


@pytest.mark.parametrize("name", READ)
def test_the_page_says_why_a_photo_is_refused(signed_in: SignedIn, alice: User, name: str) -> None:
    file = SimpleUploadedFile("me.png", content(name))
    answer = signed_in(alice).post("/batches/references/", {"photo": file})
    expected = {"error": READ[name], "message": MESSAGES[READ[name]]}
    assert (answer.status_code, answer.json()) == (422, expected)
    assert not Reference.objects.exists()


@pytest.mark.parametrize("name", READ)
def test_the_api_says_why_an_image_is_not_edited(alices: Program, ready: Batch, name: str) -> None:
    code = READ[name]
    # Django itself refuses an empty file.
    message = "The submitted file is empty." if code == "empty" else MESSAGES[code]
    assert errors(edit(alices, ready, image=content(name))) == [("image", code, message)]
    assert not Edit.objects.exists()


@pytest.mark.parametrize("name", MASKS)
def test_the_api_says_why_a_mask_is_refused(alices: Program, ready: Batch, name: str) -> None:
    data, code = MASKS[name]
    [(field, given, message)] = errors(edit(alices, ready, mask=data))
    assert (field, given, message.endswith(".")) == ("mask", code, True)
    assert len(default_storage.listdir(folder_of(ready.pk))[1]) == 1


def test_sixty_megabytes_are_not_read(alices: Program, ready: Batch, signed_in: SignedIn, alice: User) -> None:
    file = content("60 MB")
    answers = [
        upload_with(alices, file),
        edit(alices, ready, image=file),
        signed_in(alice).post("/batches/references/", {"photo": SimpleUploadedFile("me.jpg", file)}),
        signed_in(alice).post(f"/batches/{ready.pk}/images/1/edit/", {"image": SimpleUploadedFile("me.jpg", file)}),
    ]
    assert [answer.status_code for answer in answers] == [413] * 4


@pytest.mark.parametrize("name", GOOD)
def test_unusual_photos_are_saved_anew(alices: Program, ready: Batch, name: str) -> None:
    assert upload_with(alices, GOOD[name](), "me.png").status_code == 201
    assert edit(alices, ready, image=GOOD[name]()).status_code == 201
    for path in (Reference.objects.get().file.name, Edit.objects.get().base):
        with default_storage.open(path) as file, Image.open(file) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 300))
            file.seek(0)
            assert b"script" not in file.read()


def test_a_mask_must_fit_the_image_that_is_sent(alices: Program, ready: Batch) -> None:
    other = png(300, 256)
    [(field, code, message)] = errors(edit(alices, ready, image=other, mask=mask((256, 256))))
    assert (field, code) == ("mask", "mask_size")
    assert "256 × 256 pixels, but the image has 300 × 256" in message
    assert edit(alices, ready, image=other, mask=mask((300, 256))).status_code == 201


def test_a_page_names_the_mask_that_does_not_fit(signed_in: SignedIn, alice: User, ready: Batch) -> None:
    form = {"text": "make it pink", "area": "painted", "price": "gpt-image-2.5-flare/low"}
    form["mask"] = SimpleUploadedFile("mask.png", mask((64, 64)))  # type: ignore[assignment]
    answer = signed_in(alice).post(f"/batches/{ready.pk}/images/1/edit/", form)
    assert (answer.status_code, "The mask has 64 × 64 pixels" in answer.content.decode()) == (422, True)
