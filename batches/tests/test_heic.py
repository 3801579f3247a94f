"""HEIC files whose photo is made of tiles, as phones write them, and as nobody should."""

import io
import struct

import pytest

from batches.pictures import heic
from batches.references.photos import PhotoRefused, clean_photo
from batches.tests.test_photos import HEIC

#: In `HEIC`: the content of its properties, and its compressed image of 320 x 256 pixels.
_PROPERTIES, _IMAGE = HEIC[172:348], HEIC[379:]
_PIXELS = 320 * 256


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def in_tiles(rows: int, columns: int, width: int, height: int) -> bytes:
    """Return a photo of that size which is made of tiles. All of them have the same compressed image."""
    tiles = range(1, rows * columns + 1)
    grid, layout = len(tiles) + 1, struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    size = box(b"ispe", struct.pack(">III", 0, width, height))
    kinds = [box(b"infe", struct.pack(">IHH4sB", 2 << 24, tile, 0, b"hvc1", 0)) for tile in tiles]
    kinds.append(box(b"infe", struct.pack(">IHH4sB", 2 << 24, grid, 0, b"grid", 0)))
    uses = [struct.pack(">HB4B", tile, 4, 0x81, 2, 3, 4) for tile in tiles] + [struct.pack(">HBB", grid, 1, 5)]
    parts = struct.pack(f">HH{len(tiles)}H", grid, len(tiles), *tiles)

    def described(start: int) -> bytes:
        places = [struct.pack(">HHHII", tile, 0, 1, start, len(_IMAGE)) for tile in tiles]
        places.append(struct.pack(">HHHII", grid, 0, 1, start + len(_IMAGE), len(layout)))
        return HEIC[:28] + box(
            b"meta",
            HEIC[36:73],
            box(b"pitm", struct.pack(">IH", 0, grid)),
            box(b"iloc", struct.pack(">IHH", 0, 0x4400, grid), *places),
            box(b"iinf", struct.pack(">IH", 0, grid), *kinds),
            box(b"iref", bytes(4), box(b"dimg", parts)),
            box(b"iprp", box(b"ipco", _PROPERTIES, size), box(b"ipma", struct.pack(">II", 0, grid), *uses)),
        )

    return described(len(described(0)) + 8) + box(b"mdat", _IMAGE, layout)


def test_the_pixels_of_one_image() -> None:
    assert heic.decoded_pixels(HEIC) == _PIXELS


def test_a_photo_in_tiles_is_used() -> None:
    data = in_tiles(2, 2, 640, 512)
    assert heic.decoded_pixels(data) == 2 * 4 * _PIXELS
    assert clean_photo(io.BytesIO(data), len(data)).width == 640


def test_more_tiles_than_any_photo_has_are_refused() -> None:
    data = in_tiles(64, 64, 640, 512)
    with pytest.raises(PhotoRefused) as refused:
        clean_photo(io.BytesIO(data), len(data))
    assert refused.value.code == "too_many_pixels"


def test_a_second_description_is_refused() -> None:
    with pytest.raises(ValueError, match="different"):
        heic.decoded_pixels(in_tiles(64, 64, 640, 512) + HEIC[28:371])


@pytest.mark.parametrize("length", [30, 100, 400, 600])
def test_half_a_file_is_no_error_of_ours(length: int) -> None:
    data = in_tiles(2, 2, 640, 512)[:length]
    with pytest.raises(PhotoRefused):
        clean_photo(io.BytesIO(data), len(data))
