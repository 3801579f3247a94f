import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from lib.png import SIGNATURE, DamagedPng, check_chunk_count, length


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(rows: Any, width: int = 2, height: int = 2, interlaced: int = 0) -> bytes:
    """A grey PNG of 8 bits whose decompressed rows are the given bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


WHOLE = png(b"\x00\x10\x20\x01\x30\x40")


def test_a_whole_png_is_as_long_as_its_file() -> None:
    assert length(WHOLE) == len(WHOLE)


def test_what_follows_the_picture_is_not_part_of_it() -> None:
    assert length(WHOLE + b"and more") == len(WHOLE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_understood(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (37, 1000)).save(file, "PNG")
    assert length(file.getvalue()) == len(file.getvalue())


def test_the_pixels_may_be_spread_over_many_chunks() -> None:
    pixels = zlib.compress(b"\x00\x10\x20\x01\x30\x40")
    parts = b"".join(chunk(b"IDAT", pixels[place : place + 1]) for place in range(len(pixels)))
    spread = WHOLE[:33] + parts + chunk(b"IEND", b"")
    assert length(spread) == len(spread)


@pytest.mark.parametrize(
    "data", [WHOLE, WHOLE[:50], WHOLE + bytes(1_000_000), WHOLE[:33] + chunk(b"prVt", b"") * 99_000]
)
def test_a_png_with_few_chunks_is_read(data: bytes) -> None:
    check_chunk_count(data)


def test_a_png_with_very_many_is_refused_before_it_is_read() -> None:
    with pytest.raises(DamagedPng, match="too many chunks"):
        check_chunk_count(WHOLE[:33] + chunk(b"prVt", b"") * 100_000 + WHOLE[33:])


def test_an_interlaced_png_is_read_pass_by_pass() -> None:
    # 2 x 2: of the seven passes, the first, the sixth and the last have one, one and two pixels.
    interlaced = png(b"\x00\x10" + b"\x00\x20" + b"\x00\x30\x40", interlaced=1)
    assert length(interlaced) == len(interlaced)


def is_damaged(data: bytes) -> bool:
    try:
        length(data)
    except DamagedPng:
        return True
    return False


def test_a_png_cut_anywhere_is_damaged() -> None:
    assert [end for end in range(8, len(WHOLE)) if not is_damaged(WHOLE[:end])] == []


def test_a_png_with_any_byte_changed_is_damaged() -> None:
    changed = {n: WHOLE[:n] + bytes([WHOLE[n] ^ 0x01]) + WHOLE[n + 1 :] for n in range(8, len(WHOLE))}
    assert [position for position, data in changed.items() if not is_damaged(data)] == []


@pytest.mark.parametrize(
    "rows", [b"", b"\x00\x10\x20", b"\x00\x10\x20\x01\x30\x40\x00", b"\x00\x10\x20\x05\x30\x40", b"\x00" * 10**6]
)
def test_rows_that_are_missing_left_over_or_wrongly_filtered_are_damage(rows: bytes) -> None:
    with pytest.raises(DamagedPng):
        length(png(rows))
