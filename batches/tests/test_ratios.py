from fractions import Fraction
from typing import Any

import pytest

from batches.choices import Ratio
from batches.pictures.ratios import centre_crop_box, has_ratio, parse_size, ratio_of, size_error


def test_a_ratio_is_width_over_height() -> None:
    assert [ratio_of(text) for text in Ratio.values] == [1, Fraction(9, 16), Fraction(16, 9)]


@pytest.mark.parametrize("text", ["", "16x9", "16:0", "0:9", "-1:1", "16:9:1", "a:b", "1.5:1"])
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a ratio"):
        ratio_of(text)


@pytest.mark.parametrize(("size", "ratio"), [("1024x1024", "1:1"), ("1536x864", "16:9"), ("864x1536", "9:16")])
def test_the_sizes_we_ask_for_have_exactly_their_ratio(size: str, ratio: str) -> None:
    assert has_ratio(*parse_size(size), ratio)


@pytest.mark.parametrize(("width", "height", "ratio"), [(1365, 768, "16:9"), (1000, 562, "16:9"), (563, 1001, "9:16")])
def test_a_ratio_may_be_off_by_the_part_of_a_pixel_that_rounding_takes(width: int, height: int, ratio: str) -> None:
    assert has_ratio(width, height, ratio)


@pytest.mark.parametrize(("width", "height", "ratio"), [(1024, 1023, "1:1"), (1536, 1024, "16:9"), (1536, 866, "16:9")])
def test_a_whole_pixel_off_is_another_ratio(width: int, height: int, ratio: str) -> None:
    assert not has_ratio(width, height, ratio)


@pytest.mark.parametrize(
    ("width", "height", "ratio", "box"),
    [
        (1536, 1024, "16:9", (0, 80, 1536, 944)),
        (1024, 1536, "9:16", (80, 0, 944, 1536)),
        (1536, 864, "1:1", (336, 0, 1200, 864)),
        (1024, 1024, "1:1", (0, 0, 1024, 1024)),
        (1, 1, "16:9", (0, 0, 1, 1)),
    ],
)
def test_the_crop_is_the_largest_centred_box(width: int, height: int, ratio: str, box: Any) -> None:
    assert centre_crop_box(width, height, ratio) == box


@pytest.mark.parametrize("ratio", Ratio.values)
def test_a_cropped_picture_has_the_ratio(ratio: Any) -> None:
    for width in range(16, 2000, 37):
        left, top, right, bottom = centre_crop_box(width, 777, ratio)
        assert has_ratio(right - left, bottom - top, ratio)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= 777


@pytest.mark.parametrize("text", ["", "auto", "1536", "1536×864", "0x10", "1536x864x2", " 1x1"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


@pytest.mark.parametrize("size", ["1024x1024", "1536x864", "864x1536", "2560x1440", "816x816"])
def test_sizes_that_the_models_draw_have_no_error(size: str) -> None:
    assert size_error(size) is None


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ("auto", "size_unreadable"),
        ("1920x1080", "size_step"),
        ("3856x1600", "size_too_long"),
        ("3200x1024", "size_too_narrow"),
        ("1024x576", "size_too_small"),
        ("3840x2176", "size_too_large"),
    ],
)
def test_sizes_that_the_models_refuse_say_why(size: str, code: str) -> None:
    assert size_error(size) == code
