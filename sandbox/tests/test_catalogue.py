"""The rules and figures of facts that a client relies on: sizes and token counts."""

from datetime import date
from typing import Any

import pytest

from sandbox.openai.catalogue import IMAGE_MODELS, Model, image_model
from sandbox.openai.errors import ApiError

FLARE, SECOND = IMAGE_MODELS["gpt-image-2.5-flare"], IMAGE_MODELS["gpt-image-2"]


@pytest.mark.parametrize(
    ("model", "quality", "size", "tokens"),
    [
        (SECOND, "low", (1024, 1024), 196),
        (SECOND, "medium", (1024, 1024), 1756),
        (SECOND, "high", (1536, 864), 4312),
        (FLARE, "low", (864, 1536), 120),
        (FLARE, "medium", (1024, 1024), 439),
        (FLARE, "high", (1024, 1536), 1372),
        (FLARE, "xhigh", (1536, 864), 1917),
        (FLARE, "max", (1024, 1024), 7024),
    ],
)
def test_output_tokens_are_the_published_ones(model: Any, quality: str, size: Any, tokens: int) -> None:
    assert model.output_tokens(quality, *size) == tokens


def test_the_newest_pair_costs_more_in_low_quality() -> None:
    newest = IMAGE_MODELS["gpt-image-2.6-flare"]
    assert newest.output_tokens("low", 1024, 1024) == 3 * FLARE.output_tokens("low", 1024, 1024)


@pytest.mark.parametrize("size", ["1024x1024", "1536x864", "864x1536", "816x816", "3840x2160", "1440x480", "auto"])
def test_a_legal_size_is_taken(size: str) -> None:
    assert "x".join(map(str, FLARE.dimensions(size))) == size.replace("auto", "1024x1024")


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ("4096x4096", "longest edge must be less than or equal to 3840"),
        ("1920x1080", "divisible by 16"),
        ("2000x600", "divisible by 16"),
        ("1600x512", "between 1:3 and 3:1"),
        ("1024x576", "at least 655360"),
        ("3840x2176", "at most 8294400"),
        ("999999x999999", "longest edge"),
        ("0x0", "at least"),
        ("-16x1024", "Expected WIDTHxHEIGHT"),
        ("²x²", "Expected WIDTHxHEIGHT"),
        ("big", "Expected WIDTHxHEIGHT"),
    ],
)
def test_an_illegal_size_is_refused_with_its_reason(size: str, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        FLARE.dimensions(size)


def test_an_older_model_has_three_sizes() -> None:
    with pytest.raises(ApiError, match="Supported sizes are 1024x1024, 1536x1024, 1024x1536, and auto"):
        IMAGE_MODELS["gpt-image-1.5"].dimensions("1536x864")


@pytest.mark.parametrize("name", ["gpt-image-1", "dall-e-3", "gpt-6-luna", ""])
def test_a_model_that_is_gone_is_not_found(name: str) -> None:
    with pytest.raises(ApiError, match="does not exist"):
        image_model(name)


def test_a_model_is_shut_down_from_its_day_on() -> None:
    assert Model("old", date(2020, 1, 1), date(2024, 1, 1)).is_shut_down
    assert not Model("new", date(2020, 1, 1), date(9999, 1, 1)).is_shut_down
