import io
import struct

import pytest

from lib.mp4 import NotMP4, picture_size
from tests.processes import ROOT

FILM = (ROOT / "sandbox/replicate/films/landscape.mp4").read_bytes()


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def large_box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content


def endless_box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 0, kind) + content


def track(width: int, height: int) -> bytes:
    return box(b"trak", box(b"tkhd", bytes(76) + struct.pack(">II", width << 16, height << 16)))


FTYP, MOOV = box(b"ftyp", b"isom"), box(b"moov", track(320, 180))


def size_of(content: bytes) -> tuple[int, int]:
    return picture_size(io.BytesIO(content))


def test_a_real_film_has_the_size_of_its_picture() -> None:
    assert size_of(FILM) == (320, 180)


@pytest.mark.parametrize(
    "content",
    [
        FTYP + MOOV + box(b"mdat", bytes(50)),
        FTYP + large_box(b"mdat", bytes(50)) + MOOV,
        FTYP + MOOV + endless_box(b"mdat", bytes(50)),
        FTYP + box(b"moov", box(b"mvhd", bytes(20)) + track(0, 0) + track(320, 180)),
    ],
)
def test_boxes_come_in_any_order_and_size(content: bytes) -> None:
    assert size_of(content) == (320, 180)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no film at all, but some text",
        FILM[: len(FILM) // 2],
        FILM[:-1],
        FILM + b"\0\0",
        FTYP,
        MOOV + FTYP,
        FTYP + box(b"mdat", bytes(50)),
        FTYP + box(b"moov", track(0, 0)),
        FTYP + box(b"moov", b"\0\0\0\1trak"),
        FTYP + struct.pack(">I4s", 4, b"moov"),
        FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63),
        FTYP + box(b"moov", box(b"trak", box(b"tkhd", b"short"))),
    ],
)
def test_other_files_and_cut_ones_are_refused(content: bytes) -> None:
    with pytest.raises(NotMP4):
        size_of(content)
