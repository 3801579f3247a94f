import io
from typing import Any

import pytest
from PIL import Image

from batches.pictures import jpeg


def saved(**options: Any) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def with_scans(count: int) -> bytes:
    """Return a JPEG of one grey pixel whose last scan is there `count` times."""
    plain = io.BytesIO()
    Image.new("L", (1, 1)).save(plain, "JPEG")
    head, mark, scan = plain.getvalue().removesuffix(b"\xff\xd9").partition(b"\xff\xda")
    return head + count * (mark + scan) + b"\xff\xd9"


@pytest.mark.parametrize(
    "data",
    [
        saved(),
        saved(progressive=True, quality=100),
        saved(restart_marker_blocks=1),
        # What is in a segment, such as a preview, or behind the image is not decoded.
        saved(comment=b"\xff\xda" * 1_000),
        saved() + b"\xff\xda" * 1_000,
        with_scans(100),
        b"\xff\xd8\xff\xda",
        b"",
    ],
)
def test_a_photo_is_decoded(data: bytes) -> None:
    jpeg.check(data)


@pytest.mark.parametrize("between", [b"", b"\xff\xd0", b"\xff\xff", b"\x00"])
def test_more_scans_than_any_program_writes_are_refused(between: bytes) -> None:
    with pytest.raises(jpeg.TooSlow):
        jpeg.check(with_scans(101).replace(b"\xff\xda", between + b"\xff\xda"))


def test_thousands_of_empty_segments_are_refused() -> None:
    with pytest.raises(jpeg.TooSlow):
        jpeg.check(b"\xff\xd8" + b"\xff\xe0\0\2" * 2_000 + saved()[2:])
