import hashlib
import io
import struct
import threading
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from batches.pictures.finish import MAX_PIXELS, NotAPicture, finish


def drawn(width: int = 64, height: int = 64, mode: str = "RGB") -> Image.Image:
    """A picture whose pixels all differ, so that its file does not shrink to nothing."""
    gradient = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (gradient, gradient.rotate(90), Image.effect_noise((width, height), 60)))
    return picture.convert(mode)


def saved(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def opened(picture: Any) -> Image.Image:
    return Image.open(io.BytesIO(picture.data))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of that size on paper only: a true header, no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">II", zlib.crc32(header), 99) + b"IDAT"


@pytest.mark.parametrize(("name", "file_format"), [("png", "PNG"), ("jpg", "JPEG")])
@pytest.mark.parametrize(("size", "ratio"), [((64, 64), "1:1"), ((64, 36), "16:9"), ((36, 64), "9:16")])
def test_a_picture_that_is_right_is_stored_byte_for_byte(name: str, file_format: str, size: Any, ratio: str) -> None:
    data = saved(drawn(*size), file_format)
    picture = finish(data, format=name, ratio=ratio)
    assert picture.data is data
    assert (picture.format, picture.width, picture.height) == (name, *size)


def test_the_hash_is_of_the_delivered_bytes() -> None:
    picture = finish(saved(drawn(64, 48)), format="png", ratio="1:1")
    assert picture.sha256 == hashlib.sha256(picture.data).hexdigest()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_png_is_stored_unchanged(mode: str) -> None:
    data = saved(drawn(mode="L").convert("I;16") if mode == "I;16" else drawn(mode=mode))
    assert finish(data, format="png", ratio="1:1").data is data


def test_the_mark_of_origin_stays() -> None:
    data = saved(drawn())
    origin = b"caBX" + b"signed by the maker"
    chunk = struct.pack(">I", len(origin) - 4) + origin + struct.pack(">I", zlib.crc32(origin))
    marked = data[:33] + chunk + data[33:]
    assert finish(marked, format="png", ratio="1:1").data == marked


@pytest.mark.parametrize(("name", "file_format"), [("png", "PNG"), ("jpg", "JPEG")])
def test_a_picture_of_another_ratio_is_cropped_around_its_centre_and_not_stretched(name: str, file_format: str) -> None:
    source = drawn(1536, 1024)
    picture = finish(saved(source, file_format, quality=95, subsampling=0), format=name, ratio="16:9")
    difference = ImageChops.difference(opened(picture), source.crop((0, 80, 1536, 944)))
    assert (picture.width, picture.height) == (1536, 864)
    assert max(ImageStat.Stat(difference).mean) < 10


def test_a_cropped_png_keeps_its_pixels_exactly() -> None:
    source = drawn(64, 48)
    picture = finish(saved(source), format="png", ratio="1:1")
    assert ImageChops.difference(opened(picture), source.crop((8, 0, 56, 48))).getbbox() is None


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_another_format_becomes_a_jpg(file_format: str) -> None:
    picture = finish(saved(drawn(), file_format), format="jpg", ratio="1:1")
    assert opened(picture).format == "JPEG"


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
def test_another_format_becomes_a_png(file_format: str) -> None:
    picture = finish(saved(drawn(), file_format), format="png", ratio="1:1")
    assert opened(picture).format == "PNG"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white_in_a_jpg(mode: str) -> None:
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 0)).convert(mode)
    options = {"transparency": clear.getpixel((0, 0))} if mode == "P" else {}
    picture = finish(saved(clear, **options), format="jpg", ratio="1:1")
    assert opened(picture).getpixel((8, 8)) == (255, 255, 255)


def test_what_is_transparent_stays_so_in_a_png() -> None:
    clear = Image.new("RGBA", (16, 9), (255, 0, 0, 0))
    picture = finish(saved(clear, "WEBP", lossless=True), format="png", ratio="1:1")
    assert opened(picture).getpixel((4, 4))[3] == 0


def test_a_picture_lying_on_its_side_is_set_upright() -> None:
    sideways = Image.new("RGB", (64, 36), "blue")
    sideways.paste("red", (0, 0, 32, 36))
    exif = Image.Exif()
    exif[0x0112] = 6  # its left side belongs at the top
    picture = finish(saved(sideways, "JPEG", exif=exif), format="jpg", ratio="9:16")
    assert (picture.width, picture.height) == (36, 64)
    assert opened(picture).getpixel((18, 4))[0] > 200
    assert 0x0112 not in opened(picture).getexif()


def test_sixteen_bit_greys_keep_their_brightness_in_a_jpg() -> None:
    grey = Image.new("I;16", (16, 16), 0x8000)
    picture = finish(saved(grey), format="jpg", ratio="1:1")
    assert abs(opened(picture).convert("L").getpixel((8, 8)) - 0x80) < 3


def test_printing_colours_are_turned_into_screen_colours() -> None:
    picture = finish(saved(drawn(mode="CMYK"), "JPEG"), format="png", ratio="1:1")
    assert opened(picture).mode == "RGB"


def test_printing_colours_are_converted_in_a_jpg_too() -> None:
    picture = finish(saved(drawn(mode="CMYK"), "JPEG"), format="jpg", ratio="1:1")
    assert opened(picture).mode == "RGB"


@pytest.mark.parametrize("size", [(63, 63), (255, 35), (1, 1), (64, 35)])
def test_a_picture_with_less_than_a_quarter_of_an_edge_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(NotAPicture) as refusal:
        finish(saved(drawn(*size)), format="png", ratio="16:9", size="256x144")
    assert refusal.value.code == "too_small"


@pytest.mark.parametrize("size", [(64, 36), (64, 64), (256, 144)])
def test_a_picture_with_a_quarter_of_both_edges_is_delivered(size: tuple[int, int]) -> None:
    assert finish(saved(drawn(*size)), format="png", ratio="16:9", size="256x144").width >= 64


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    for file_format in ("PNG", "WEBP"):
        data = saved(frames[0], file_format, save_all=True, append_images=frames[1:])
        picture = finish(data, format="png", ratio="1:1")
        assert getattr(opened(picture), "n_frames", 1) == 1
        assert opened(picture).getpixel((8, 8))[0] > 200


def test_what_is_appended_to_a_picture_is_not_delivered() -> None:
    picture = finish(saved(drawn()) + b"<script>alert(1)</script>", format="png", ratio="1:1")
    assert b"script" not in picture.data


@pytest.mark.parametrize(
    "data", [b"", b"hello, I am a text file", b"<html><body>Bad gateway</body></html>", b"\x00" * 64]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture) as refusal:
        finish(data, format="png", ratio="1:1")
    assert refusal.value.code == "not_an_image"


@pytest.mark.parametrize(
    "data", [*(saved(drawn(), kind) for kind in ("GIF", "BMP", "TIFF")), b"<svg width='9' height='9'></svg>"]
)
def test_pictures_of_other_kinds_are_refused(data: Any) -> None:
    with pytest.raises(NotAPicture) as refusal:
        finish(data, format="png", ratio="1:1")
    assert refusal.value.code == "unsupported_format"


@pytest.mark.parametrize("size", [(20_000, 20_000), (MAX_PIXELS // 1000 + 1, 1000), (1 << 30, 1 << 30)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(size: Any) -> None:
    with pytest.raises(NotAPicture) as refusal:
        finish(png_of_size(*size), format="png", ratio="1:1")
    assert refusal.value.code == "too_many_pixels"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("wanted", ["png", "jpg"])
def test_a_truncated_file_is_refused(file_format: str, part: float, wanted: str) -> None:
    data = saved(drawn(200, 200), file_format)
    with pytest.raises(NotAPicture) as refusal:
        finish(data[: int(len(data) * part)], format=wanted, ratio="1:1")
    assert refusal.value.code == "truncated"


@pytest.mark.parametrize("wanted", ["png", "jpg"])
def test_a_png_with_a_damaged_byte_is_refused(wanted: str) -> None:
    data = bytearray(saved(drawn(200, 200)))
    data[len(data) // 2] ^= 0x10
    with pytest.raises(NotAPicture) as refusal:
        finish(bytes(data), format=wanted, ratio="1:1")
    assert refusal.value.code == "truncated"


def test_many_threads_may_finish_pictures_at_once() -> None:
    data, made = saved(drawn(64, 48)), []
    threads = [threading.Thread(target=lambda: made.append(finish(data, format="jpg", ratio="1:1"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({picture.sha256 for picture in made}) == 1
    assert len(made) == 16
