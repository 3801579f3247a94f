"""The output files: a short test film in each ratio, or a picture drawn from the words of the prompt."""

import struct
from collections.abc import Iterator
from pathlib import Path

from sandbox.drawing import files
from sandbox.drawing.picture import draw

from .catalogue import VIDEO
from .predictions import Prediction

FILMS = Path(__file__).parent / "films"
_NAMES = {"16:9": "landscape", "9:16": "portrait", "1:1": "square"}
_SIZES = {"16:9": (1344, 756), "9:16": (756, 1344), "1:1": (1024, 1024)}
_PIECE = bytes(1024 * 1024)
_CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_BOX_HEAD_BYTES = 8


def content_of(prediction: Prediction) -> tuple[str, int, Iterator[bytes]]:
    """The type, the announced length and the bytes of an output."""
    if "textfile" in prediction.words:
        text = b"This is neither a film nor a picture.\n" * 100
        return "video/mp4", len(text), iter([text])
    if prediction.model.makes != VIDEO:
        kind, picture = _picture(prediction)
        return _CONTENT_TYPES[kind], len(picture), iter([picture])
    film = _film(prediction)
    padding = max(0, prediction.words.get("mb", 0) * 1024 * 1024 - len(film))
    return "video/mp4", len(film) + padding, _padded(film, padding)


def _film(prediction: Prediction) -> bytes:
    name = "h265" if "h265" in prediction.words else _NAMES[prediction.input.get("aspect_ratio", "16:9")]
    return (FILMS / f"{name}.mp4").read_bytes()


def _padded(film: bytes, padding: int) -> Iterator[bytes]:
    """The film with a "free" box behind it, so that the file has a wanted length."""
    yield film
    if padding < _BOX_HEAD_BYTES:
        return
    yield struct.pack(">I4s", padding, b"free")
    for start in range(_BOX_HEAD_BYTES, padding, len(_PIECE)):
        yield _PIECE[: padding - start]


def _picture(prediction: Prediction) -> tuple[str, bytes]:
    given = prediction.input
    kind = given.get("output_format", "png")
    picture = draw(given["prompt"], _SIZES[given.get("aspect_ratio", "1:1")], fine=True)
    return kind, files.encode(picture, "jpeg" if kind == "jpg" else kind)
