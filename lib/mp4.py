"""MP4 files: whether one is whole, and the size of its picture. Source: ISO/IEC 14496-12."""

import os
from collections.abc import Iterator
from typing import IO

_HEAD_BYTES = 8
#: The index of an hour of video has a few megabytes.
_MAX_INDEX_BYTES = 32 * 1024 * 1024


class NotMP4(ValueError):
    pass


def picture_size(file: IO[bytes]) -> tuple[int, int]:
    """Return width and height of the first video track. Raises `NotMP4`, also if the file is cut off."""
    length = file.seek(0, os.SEEK_END)
    places = dict(_boxes(file, length))
    if next(iter(places), b"") != b"ftyp" or b"moov" not in places:
        raise NotMP4("no ftyp or no moov")
    start, end = places[b"moov"]
    if end - start > _MAX_INDEX_BYTES:
        raise NotMP4("the index is too large")
    file.seek(start)
    sizes = [size for size in map(_track_size, _inside(file.read(end - start), b"trak")) if all(size)]
    if not sizes:
        raise NotMP4("no video track")
    return sizes[0]


def _boxes(file: IO[bytes], length: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield the kind of each box with the place of its content. Together they must have the length of the file."""
    position = 0
    while position < length:
        file.seek(position)
        head = file.read(2 * _HEAD_BYTES)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        start = position + _HEAD_BYTES
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), position + 2 * _HEAD_BYTES
        end = length if size == 0 else position + size
        if len(head) < _HEAD_BYTES or not start <= end <= length:
            raise NotMP4("a box is cut off")
        yield kind, (start, end)
        position = end


def _inside(content: bytes, wanted: bytes) -> Iterator[bytes]:
    """Yield the contents of the boxes of a kind."""
    position = 0
    while position + _HEAD_BYTES <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        if size < _HEAD_BYTES:
            return
        if content[position + 4 : position + 8] == wanted:
            yield content[position + _HEAD_BYTES : position + size]
        position += size


def _track_size(track: bytes) -> tuple[int, int]:
    head = next(_inside(track, b"tkhd"), b"")
    # The last two fields, as numbers with 16 bits behind the point.
    return int.from_bytes(head[-8:-6], "big"), int.from_bytes(head[-4:-2], "big")
