"""Whether a JPEG can be decoded within seconds. Source: ITU-T T.81, annex B."""

import re

#: Progressive files have about ten.
_MOST_SCANS = 100
#: One has up to 64 kB, of metadata for example. Pillow stores each, and 20 MB of empty ones as a gigabyte.
_MOST_SEGMENTS = 2_000
#: A marker that is followed by a length, or the end of the image. Compressed data has none before it is over.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
_END, _SCAN = b"\xd9", b"\xda"


class TooSlow(ValueError):
    pass


def check(data: bytes) -> None:
    """Raise `TooSlow` if decoding may take minutes: each scan can take milliseconds, and has some 70 bytes."""
    scans = segments = position = 0
    while (found := _MARKER.search(data, position)) and found[1] != _END:
        segments += 1
        scans += found[1] == _SCAN
        if scans > _MOST_SCANS or segments > _MOST_SEGMENTS:
            raise TooSlow(f"{segments} segments, {scans} scans")
        position = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
