"""Finished images: the response is proven to be an image, and converted if needed.

An image that is right already stays unchanged, byte for byte, and with it the mark of origin (C2PA) that the image
models sign into their files.
"""

import hashlib
import io
import os
import struct
import threading
import zlib
from dataclasses import dataclass

from django.core.files.base import ContentFile, File

# Imported to register them: otherwise Image.open() loads plug-ins on its first call, in many threads at once.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

from batches.pictures import jpeg
from batches.pictures.ratios import centre_crop_box, has_ratio, parse_size
from lib import png

#: Far above the largest size of any model (8.3 megapixels), and small enough for a worker's memory.
MAX_PIXELS = 40_000_000
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "mp4": "video/mp4"}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS

_JPEG_END = b"\xff\xd9"
_JPEG_QUALITY = 92
# Full colour resolution, so that red text stays sharp.
_JPEG_SUBSAMPLING = "4:4:4"
# Higher levels save at most a seventh of the bytes, for up to four times the CPU time.
_PNG_COMPRESSION = 1
_ORIENTATION = 0x0112
_UPRIGHT = 1
_PILLOW_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_OTHER_PICTURES = (b"GIF8", b"BM", b"II*\0", b"MM\0*", b"<svg", b"<?xml", b"\0\0\1\0", b"8BPS")
# Everything that Pillow's decoders raise on damaged files.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
# An image that is saved again takes up to three times 4 bytes per pixel. More of them at once than there are
# cores would use memory without being faster.
_remaking = threading.BoundedSemaphore(os.cpu_count() or 1)


class NotAPicture(ValueError):
    """The bytes are not an image that can be delivered; ``code`` says why.

    ``not_an_image``, ``unsupported_format``, ``too_many_pixels``, ``too_small`` or ``truncated``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished image file; ``sha256`` is the hash of ``data``."""

    data: bytes
    format: str
    width: int
    height: int
    sha256: str

    @property
    def byte_count(self) -> int:
        return len(self.data)

    @property
    def file(self) -> File:
        return ContentFile(self.data)


def finish(data: bytes, *, format: str, ratio: str, size: str = "1x1") -> Picture:
    """Return the image in that format (``"png"`` or ``"jpg"``) and ratio. Raises ``NotAPicture``.

    `size` is the size that was requested: an image with less than a quarter of its width or height is refused.

    If format and ratio are right already, the bytes are unchanged. Otherwise the image is cropped around its centre,
    never stretched, and saved again. Of an animation the first frame is used.
    """
    kind = _kind(data)
    try:
        if kind == "jpg":
            jpeg.check(data)
        if kind == "png":
            png.check_chunk_count(data)
        with _header(data, kind) as image:
            actual_size = image.size
            is_right = kind == format and _is_right(image, ratio)
            is_alone = _is_alone(data, image, kind)
        if is_right and is_alone:
            return _large_enough(_picture(data, format, actual_size), ratio, size)
        with _remaking, _header(data, kind) as image:
            return _large_enough(_remade(image, format, ratio), ratio, size)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotAPicture("too_many_pixels") from bomb
    except _DAMAGED as damage:
        raise NotAPicture("truncated") from damage


def _kind(data: bytes) -> str:
    """Return the file type by its first bytes, whatever upstream says."""
    if data.startswith(png.SIGNATURE):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    is_picture = data.lstrip().startswith(_OTHER_PICTURES) or data[4:8] == b"ftyp"
    raise NotAPicture("unsupported_format" if is_picture else "not_an_image")


def _header(data: bytes, kind: str) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=[_PILLOW_FORMATS[kind]])
    if image.width * image.height > MAX_PIXELS:
        raise NotAPicture("too_many_pixels")
    return image


def _is_right(image: Image.Image, ratio: str) -> bool:
    is_still = getattr(image, "n_frames", 1) == 1
    # Checked first: for a PNG without Exif, getexif() would load the whole image.
    is_upright = "exif" not in image.info or image.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
    # Browsers show CMYK in wrong colours, and few programs open it.
    return is_still and is_upright and image.mode != "CMYK" and has_ratio(*image.size, ratio)


def _is_alone(data: bytes, image: Image.Image, kind: str) -> bool:
    """Decode the whole file, or raise; return whether the file ends with the image.

    What follows the image may be a hidden program, so such a file is saved again.
    """
    if kind == "png":
        return png.length(data) == len(data)
    if kind == "jpg":
        # An eighth of the size still reads all of the compressed data, in half the time.
        image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    return data.endswith(_JPEG_END)


def _remade(image: Image.Image, format: str, ratio: str) -> Picture:
    upright = ImageOps.exif_transpose(eight_bit(image))
    cropped = upright.crop(centre_crop_box(*upright.size, ratio))
    file = io.BytesIO()
    if format == "jpg":
        opaque = on_white(cropped)
        profile = _colour_profile(cropped, opaque)
        opaque.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=_JPEG_SUBSAMPLING, icc_profile=profile)
    else:
        plain = _for_png(cropped)
        plain.save(file, "PNG", compress_level=_PNG_COMPRESSION, icc_profile=_colour_profile(cropped, plain))
    return _picture(file.getvalue(), format, cropped.size)


def eight_bit(image: Image.Image) -> Image.Image:
    """Convert 16-bit greys to 8 bits. Pillow's own conversion would clip all but the darkest."""
    if not image.mode.startswith(("I", "F")):
        return image
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def on_white(image: Image.Image) -> Image.Image:
    """Return the image as RGB, on white if it has transparent parts."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(layer, mask=layer.getchannel("A"))
    return canvas


def _for_png(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _colour_profile(source: Image.Image, result: Image.Image) -> bytes | None:
    """Return the ICC profile if it still fits the result's colour space."""
    is_same_space = source.mode != "CMYK" and (source.mode == "L") == (result.mode == "L")
    return source.info.get("icc_profile") if is_same_space else None


def _large_enough(picture: Picture, ratio: str, size: str) -> Picture:
    left, top, right, bottom = centre_crop_box(*parse_size(size), ratio)
    if 4 * picture.width < right - left or 4 * picture.height < bottom - top:
        raise NotAPicture("too_small")
    return picture


def _picture(data: bytes, format: str, size: tuple[int, int]) -> Picture:
    return Picture(data, format, *size, hashlib.sha256(data).hexdigest())
