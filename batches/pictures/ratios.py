"""Aspect ratios and sizes in pixels, and where to crop."""

import re
from fractions import Fraction

# The size rule of the gpt-image-2 family (docstring of `size` in OpenAI's Python package).
_SIZE_STEP = 16
_LONGEST_EDGE = 3840
_WIDEST_RATIO = 3
_MIN_PIXELS = 655_360
_MAX_PIXELS = 8_294_400


def ratio_of(text: str) -> Fraction:
    """Return width divided by height of a ratio like ``"16:9"``. Raises ``ValueError``."""
    match = re.fullmatch(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})", text)
    if match is None:
        raise ValueError(f"not a ratio: {text!r}")
    return Fraction(int(match[1]), int(match[2]))


def has_ratio(width: int, height: int, ratio: str) -> bool:
    """Return whether the size has the ratio, to within one pixel."""
    wanted = ratio_of(ratio)
    return abs(width - height * wanted) < 1 or abs(height - width / wanted) < 1


def centre_crop_box(width: int, height: int, ratio: str) -> tuple[int, int, int, int]:
    """Return the largest centred box of that ratio: left, top, right, bottom in pixels."""
    wanted = ratio_of(ratio)
    crop_width = max(1, min(width, int(height * wanted)))
    crop_height = max(1, min(height, int(width / wanted)))
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    return left, top, left + crop_width, top + crop_height


def parse_size(text: str) -> tuple[int, int]:
    """Return width and height in pixels of a size like ``"1536x864"``. Raises ``ValueError``."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", text)
    if match is None:
        raise ValueError(f"not a size: {text!r}")
    return int(match[1]), int(match[2])


def size_error(size: str) -> str | None:
    """Return a code for why the gpt-image models would refuse this size; ``None`` if they accept it."""
    try:
        width, height = parse_size(size)
    except ValueError:
        return "size_unreadable"
    broken = {
        "size_step": width % _SIZE_STEP or height % _SIZE_STEP,
        "size_too_long": max(width, height) > _LONGEST_EDGE,
        "size_too_narrow": max(width, height) > _WIDEST_RATIO * min(width, height),
        "size_too_small": width * height < _MIN_PIXELS,
        "size_too_large": width * height > _MAX_PIXELS,
    }
    return next((code for code, is_broken in broken.items() if is_broken), None)
