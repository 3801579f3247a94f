"""How long the rest of a batch takes."""

from datetime import UTC, datetime, timedelta

import pytest

from batches.progress.estimates import remaining_seconds, seconds_each

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def made(*ended: float, took: float = 8) -> list[tuple[datetime, float]]:
    """Images that were ready so many seconds before noon, newest first."""
    return [(NOON - timedelta(seconds=ago), took) for ago in ended]


@pytest.mark.parametrize(
    ("images", "each"),
    [
        ([], None),
        (made(0), 8),
        (made(0, 3600), 8),
        (made(0, 12, 24, 36), 12),
        (made(0, 12, 24, 3600, 3612), 12),
    ],
    ids=["none", "the first", "a pause between two", "waits for the rate limit", "a pause between many"],
)
def test_an_image_takes_as_long_as_the_last_ones(images: list[tuple[datetime, float]], each: float | None) -> None:
    assert seconds_each(images) == each


@pytest.mark.parametrize(("age", "seconds"), [(0, 30), (4, 26), (60, 20)])
def test_the_age_of_the_current_image_counts(age: float, seconds: float) -> None:
    assert remaining_seconds(10, 3, age) == seconds
