"""How many pixels a HEIC file makes a decoder decode. Source: ISO/IEC 23008-12 and 14496-12.

Phones store a photo as a grid of tiles. A grid can be small and still name a thousand tiles of millions of pixels,
which all use the same compressed data.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice

#: Of an item without a size.
_UNKNOWN = 50_000_000
#: Of the description of all items. That of a phone has some kilobytes.
_MOST_BYTES = 1_000_000
#: Outside of lists.
_MOST_BOXES = 100


def decoded_pixels(data: bytes) -> int:
    """Return the pixels of all items, counted again for each item that is made from them. Raises `ValueError`."""
    meta = _only(data, b"meta")[4:]
    if not 0 < len(meta) <= _MOST_BYTES:
        raise ValueError("no description, or a very long one")
    sizes, sources = _sizes(meta), _sources(meta)

    @cache
    def pixels(item: int) -> int:
        parts = sources.get(item)
        return sum(map(pixels, parts)) if parts else sizes.get(item, _UNKNOWN)

    try:
        return sum(map(pixels, sizes.keys() | sources.keys()))
    except RecursionError as error:
        raise ValueError("an item is made from itself") from error


def _sizes(meta: bytes) -> dict[int, int]:
    """Return the pixels of each item that has properties, by its id."""
    properties = _only(meta, b"iprp")
    areas = [_area(*box) for box in _boxes(_only(properties, b"ipco"))]
    found: dict[int, int] = {}
    for content in (content for kind, content in _boxes(properties) if kind == b"ipma"):
        id_bytes, index_bytes = (4 if content[0] else 2), 1 + (content[3] & 1)
        position = 8
        for _ in range(_number(content, 4, 4)):
            item, count = _number(content, position, id_bytes), _number(content, position + id_bytes, 1)
            position += id_bytes + 1
            # The first bit says whether the property is essential.
            indexes = [
                _number(content, position + index_bytes * each, index_bytes) % (1 << 8 * index_bytes - 1)
                for each in range(count)
            ]
            position += index_bytes * count
            area = max([areas[index - 1] for index in indexes if 0 < index <= len(areas)], default=0) or _UNKNOWN
            found[item] = max(found.get(item, 0), area)
    return found


def _area(kind: bytes, content: bytes) -> int:
    return _number(content, 4, 4) * _number(content, 8, 4) if kind == b"ispe" else 0


def _sources(meta: bytes) -> dict[int, list[int]]:
    """Return the ids of the items that each derived item is made from."""
    references = _only(meta, b"iref") or bytes(4)
    width = 4 if references[0] else 2
    found: dict[int, list[int]] = {}
    for kind, content in _boxes(references[4:]):
        if kind == b"dimg":
            count = _number(content, width, 2)
            starts = range(width + 2, width + 2 + count * width, width)
            parts = found.setdefault(_number(content, 0, width), [])
            parts.extend(_number(content, start, width) for start in starts)
    return found


def _only(content: bytes, wanted: bytes) -> bytes:
    """Return the content of the only box of that kind, empty if there is none."""
    boxes = list(islice(_boxes(content), _MOST_BOXES + 1))
    found = [inner for kind, inner in boxes if kind == wanted]
    if len(boxes) > _MOST_BOXES or len(found) > 1:
        raise ValueError("decoders may read different boxes")
    return found[0] if found else b""


def _number(content: bytes, start: int, width: int) -> int:
    if len(content) < start + width:
        raise ValueError("a box is cut off")
    return int.from_bytes(content[start : start + width], "big")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each box."""
    position = 0
    while position + 8 <= len(data):
        size, start = _number(data, position, 4), position + 8
        if size == 1:
            size, start = _number(data, start, 8), start + 8
        end = position + size if size else len(data)
        if end < start:
            raise ValueError("a box is too small")
        yield data[position + 4 : position + 8], data[start:end]
        position = end
