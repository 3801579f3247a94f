"""Images and masks that are uploaded for edits."""

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from batches.delivery.storage import expire
from batches.editing import inputs
from batches.models import Prompt
from batches.tests.test_photos import drawn, of_a_phone, saved
from tests.cast import MakeBatch, deliver_next, png

pytestmark = pytest.mark.any_database

SIZE = (64, 48)


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", data)


def mask(size: tuple[int, int] = SIZE, box: tuple[int, ...] = (8, 8, 16, 16), mode: str = "RGBA") -> bytes:
    """Return a mask with a hole, or another picture of that mode."""
    picture = Image.new("RGBA", size, "black")
    picture.paste((0, 0, 0, 0), box)
    return saved(picture.convert(mode), "PNG")


def alpha_of(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.mode) == ("PNG", "RGBA")
    return picture.getchannel("A")


def code_of(act: Any, *arguments: Any) -> str | None:
    with pytest.raises(ValidationError) as refused:
        act(*arguments)
    return refused.value.code


def test_a_mask_is_saved_anew_with_the_same_hole() -> None:
    ours = inputs.clean_mask(upload(mask() + b"<script>"), SIZE)
    assert b"<script>" not in ours
    assert alpha_of(ours).getpixel((10, 10)) == 0
    assert alpha_of(ours).getpixel((20, 20)) == 255


def test_soft_edges_of_a_mask_become_hard() -> None:
    soft = Image.merge("RGBA", [Image.linear_gradient("L").resize(SIZE)] * 4)
    levels = alpha_of(inputs.clean_mask(upload(saved(soft, "PNG")), SIZE)).getcolors()
    assert {level for _count, level in levels or ()} == {0, 255}


def test_a_mask_that_is_wholly_transparent_is_no_mask() -> None:
    assert inputs.clean_mask(upload(mask(box=(0, 0, *SIZE))), SIZE) == b""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (mask((32, 32), (1, 1, 2, 2)), "mask_size"),
        (mask(mode="RGB"), "mask_without_alpha"),
        (mask(box=(0, 0, 0, 0)), "mask_without_hole"),
        (saved(drawn(*SIZE)), "mask_not_png"),
        (mask()[:60], "mask_damaged"),
        (mask().ljust(inputs.MAX_MASK_BYTES + 1), "mask_too_large"),
        (b"", "mask_not_png"),
    ],
)
def test_other_files_are_no_masks(data: bytes, code: str) -> None:
    assert code_of(inputs.clean_mask, upload(data), SIZE) == code


def test_the_message_about_another_size_names_both() -> None:
    with pytest.raises(ValidationError, match=r"32 × 32 pixels, but the image has 64 × 48"):
        inputs.clean_mask(upload(mask((32, 32), (1, 1, 2, 2))), SIZE)


def test_a_rectangle_becomes_the_hole() -> None:
    assert alpha_of(inputs.rectangle_mask(SIZE, 4, 6, 10, 12)).point(lambda value: 255 - value).getbbox() == (
        4,
        6,
        14,
        18,
    )


def test_a_rectangle_of_the_whole_image_is_no_mask() -> None:
    assert inputs.rectangle_mask(SIZE, 0, 0, *SIZE) == b""


@pytest.mark.parametrize("box", [(60, 0, 5, 5), (0, 40, 5, 9), (0, 0, 10**9, 1)])
def test_a_rectangle_that_leaves_the_image_is_refused(box: tuple[int, ...]) -> None:
    assert code_of(inputs.rectangle_mask, SIZE, *box) == "outside"


@pytest.fixture
def image(alice: User, make_batch: MakeBatch) -> Prompt:
    return deliver_next(make_batch(alice, ["a cat"]))


def test_without_an_upload_the_servers_copy_is_edited(image: Prompt) -> None:
    assert inputs.base_image(image, None).data == png()


def test_the_customers_copy_is_used_byte_for_byte(image: Prompt) -> None:
    expire(image)
    image.refresh_from_db()
    base = inputs.base_image(image, upload(png()))
    assert (base.data, base.format, base.width, base.sha256) == (png(), "png", 64, image.sha256)


def test_an_expired_image_must_be_sent(image: Prompt) -> None:
    expire(image)
    image.refresh_from_db()
    assert code_of(inputs.base_image, image, None) == "image_gone"


def test_another_image_is_saved_anew_but_not_scaled(image: Prompt) -> None:
    base = inputs.base_image(image, upload(of_a_phone()))
    assert (base.format, base.width, base.height) == ("jpg", 1500, 2000)
    assert not Image.open(io.BytesIO(base.data)).getexif()


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"<svg/>", "unsupported_format"), (saved(drawn())[:200], "damaged"), (png(), "too_small")],
)
def test_other_files_are_no_images(image: Prompt, data: bytes, code: str) -> None:
    Prompt.objects.filter(pk=image.pk).update(sha256="0" * 64)
    image.refresh_from_db()
    assert code_of(inputs.base_image, image, upload(data)) == code
