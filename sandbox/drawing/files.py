"""Pictures as files: encoded, padded to a wanted length, or monstrous on purpose."""

import base64
import struct
import threading
import zlib
from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageChops

from . import caption
from .picture import draw

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Pillow's fast level: the pictures are flat, so that more effort saves little.
PNG_EFFORT = 1
END_CHUNK_BYTES = 12
CHUNK_FRAME_BYTES = 12
_ONE_AT_A_TIME = threading.Lock()


def encode(image: Image.Image, output_format: str, quality: int = 100) -> bytes:
    """The picture as "png", "jpeg" or "webp"; `quality` (0 to 100) is for the last two."""
    buffer = BytesIO()
    if output_format == "png":
        image.save(buffer, "PNG", compress_level=PNG_EFFORT)
    elif output_format == "jpeg":
        image.convert("RGB").save(buffer, "JPEG", quality=max(1, min(95, quality)))
    else:
        image.save(buffer, "WEBP", quality=min(95, quality), method=0)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG file. Source: PNG specification, section 5.3."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def padded_base64(size: tuple[int, int], byte_count: int, label: str) -> bytes:
    """A PNG of about `byte_count` bytes in base64, in a millisecond: all of it but the last chunk is cached.

    The picture is the same for all; the chunk with the `label` makes each file another one.
    """
    tail = chunk(b"tEXt", b"Comment\0" + label.encode("latin-1", "replace")[:200]) + chunk(b"IEND", b"")
    # Without the lock, a hundred calls that start together would each make the same noise.
    with _ONE_AT_A_TIME:
        stem = _noisy_stem_base64(size, byte_count)
    return stem + base64.b64encode(tail)


@lru_cache(maxsize=8)
def _noisy_stem_base64(size: tuple[int, int], byte_count: int) -> bytes:
    stem = _largest_below(size, byte_count)[:-END_CHUNK_BYTES]
    padding = max(0, byte_count - len(stem) - CHUNK_FRAME_BYTES)
    padding += (-(len(stem) + padding + CHUNK_FRAME_BYTES)) % 3
    return base64.b64encode(stem + chunk(b"paDd", bytes(padding)))


def _largest_below(size: tuple[int, int], byte_count: int) -> bytes:
    """A PNG as close to the wanted length as noise brings it, so that it also decodes like a large one."""
    picture, file = draw("A file of a given size", size), b""
    for amplitude in (0, 4, 8, 16, 32, 64, 128):
        noisier = encode(_with_noise(picture, amplitude), "png")
        if file and len(noisier) > byte_count:
            break
        file = noisier
    return file


def _with_noise(picture: Image.Image, amplitude: int) -> Image.Image:
    if not amplitude:
        return picture
    noise = Image.frombytes("RGB", picture.size, Random(amplitude).randbytes(picture.width * picture.height * 3))
    return ImageChops.add(picture, noise.point([value * amplitude // 256 for value in range(256)] * 3))


@lru_cache(maxsize=1)
def huge_png(side: int = 20_000) -> bytes:
    """A white square of `side` pixels, one bit each: a file of some kilobytes that decodes to 400 megapixels."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row = b"\0" + b"\xff" * (-(-side // 8))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_file(prompt: str) -> bytes:
    """Something that is no image at all."""
    return f"This is a text file, not an image.\n{caption.printable(prompt)[0]}\n".encode()
