"""What becomes of files that are uploaded as reference photos."""

import base64
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from batches.pictures.finish import Picture
from batches.references.photos import PhotoRefused, clean_photo

ORIENTATION, GPS = 0x0112, 0x8825


def drawn(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    gradient = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (gradient, gradient.rotate(90), gradient)).convert(mode)


def saved(image: Image.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def cleaned(data: bytes) -> Picture:
    return clean_photo(io.BytesIO(data), len(data))


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.data))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, extra: bytes) -> bytes:
    """Return the PNG with another chunk behind its header."""
    return png[:33] + extra + png[33:]


def of_a_phone() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    return saved(drawn(2000, 1500), exif=exif, comment=b"at home")


#: A HEIC file of 320 x 256 pixels in one colour. Pillow can't write this format.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABewABAAAAAAAAAF8AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA12lwcnAA"
    "AAC4aXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAPLoCQGEAAQAsQgEBA3AAAAMAkA"
    "AAAwAAAwA8oAoIBAWW6kkprm4CGgwIAAADAMgAAAMACEBiAAEAB0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAABQAAA"
    "AQAAAAAQcGl4aQAAAAADCAgIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAABnbWRhdAAAAFsoAa8TIaFA+OUzwJ//x0o//eRzw+ld6tUPRV3dJu"
    "78cjwbioAADzAALWCi5Hg3FQAAIQAAMUABhABLwJMAALYABFgAAAMAAAMAKaCHAAADAAADAAADAAADAAU8"
)


def test_a_photo_of_a_phone_is_upright_small_and_without_metadata() -> None:
    picture = cleaned(of_a_phone())
    image = opened(picture)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (768, 1024))
    assert (picture.width, picture.height) == image.size
    assert dict(image.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_other_formats_become_jpegs(file_format: str) -> None:
    assert opened(cleaned(saved(drawn(), file_format))).format == "JPEG"


def test_a_jpeg_with_the_preview_of_a_camera_is_a_photo() -> None:
    main, preview = Image.new("RGB", (400, 300), "red"), Image.new("RGB", (400, 300), "blue")
    photo = opened(cleaned(saved(main, "MPO", save_all=True, append_images=[preview])))
    assert (photo.format, photo.getpixel((0, 0))) == ("JPEG", (254, 0, 0))


def test_a_heic_file_becomes_a_jpeg() -> None:
    image = opened(cleaned(HEIC))
    red, green, blue = image.getpixel((160, 128))  # type: ignore[misc]
    assert (image.format, image.size) == ("JPEG", (320, 256))
    assert max(abs(red - 200), abs(green - 80), abs(blue - 60)) < 5


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixels_becomes_rgb(mode: str) -> None:
    source = drawn(mode="L").convert("I;16") if mode == "I;16" else drawn(mode=mode)
    image = opened(cleaned(saved(source, "JPEG" if mode == "CMYK" else "PNG")))
    assert (image.mode, image.size) == ("RGB", (400, 300))


def test_a_16_bit_grey_keeps_its_brightness() -> None:
    grey = Image.new("I;16", (300, 300), 128 * 256)
    assert opened(cleaned(saved(grey, "PNG"))).getpixel((150, 150)) == (128, 128, 128)


def test_transparent_parts_become_white() -> None:
    assert opened(cleaned(saved(Image.new("RGBA", (300, 300)), "PNG"))).getpixel((9, 9)) == (255, 255, 255)


def test_a_colour_profile_is_applied() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # In the table of the profile's tags: red is green, and green is red.
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    photo = Image.new("RGB", (300, 300), (200, 80, 60))
    red, green, _ = opened(cleaned(saved(photo, "PNG", icc_profile=swapped))).getpixel((9, 9))  # type: ignore[misc]
    assert green > 150 > red


def test_a_damaged_colour_profile_is_ignored() -> None:
    assert opened(cleaned(saved(drawn(), icc_profile=b"not a profile"))).mode == "RGB"


def test_a_small_photo_is_not_enlarged() -> None:
    assert opened(cleaned(saved(drawn(300, 256)))).size == (300, 256)


def test_what_follows_the_image_is_dropped() -> None:
    polyglot = saved(drawn(), "PNG") + b"<script>alert(1)</script>"
    assert b"script" not in cleaned(polyglot).data


def bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def large_for_its_bytes() -> bytes:
    """Return a PNG of 56 megapixels, which is below the size at which Pillow itself refuses."""
    header = struct.pack(">IIBBBBB", 8_000, 7_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def animated(file_format: str) -> bytes:
    return saved(drawn(), file_format, save_all=True, append_images=[drawn().rotate(90)])


def text_bomb() -> bytes:
    return with_chunk(saved(drawn(), "PNG"), chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 200_000_000, 1)))


def slow_to_decode() -> bytes:
    """Return a JPEG whose pixels are sent again and again."""
    head, mark, scan = saved(drawn(mode="L")).removesuffix(b"\xff\xd9").partition(b"\xff\xda")
    return head + 200 * (mark + scan) + b"\xff\xd9"


REFUSED: dict[str, tuple[Any, str]] = {
    "empty": (lambda: b"", "empty"),
    "bomb": (bomb, "too_many_pixels"),
    "56 megapixels": (large_for_its_bytes, "too_many_pixels"),
    "animated PNG": (lambda: animated("PNG"), "animated"),
    "animated WebP": (lambda: animated("WEBP"), "animated"),
    "GIF": (lambda: saved(drawn(), "GIF"), "unsupported_format"),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported_format"),
    "text": (lambda: b"a photo of me, I promise", "unsupported_format"),
    "truncated JPEG": (lambda: saved(drawn())[:-2000], "damaged"),
    "truncated PNG": (lambda: saved(drawn(), "PNG")[:500], "damaged"),
    "HEIC of noise": (lambda: b"\0\0\0\x18ftypheic" + b"\7" * 2000, "damaged"),
    "text bomb": (text_bomb, "damaged"),
    "60 MB": (lambda: saved(drawn()) + b"\0" * 60_000_000, "too_large"),
    "200 scans": (slow_to_decode, "damaged"),
    "100,000 empty chunks": (lambda: with_chunk(saved(drawn(), "PNG"), chunk(b"prVt", b"") * 100_000), "damaged"),
    "100 pixels": (lambda: saved(drawn(100, 100)), "too_small"),
    "a strip": (lambda: saved(drawn(2000, 300)), "too_narrow"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_with_a_reason(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(PhotoRefused) as refused:
        cleaned(make())
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
