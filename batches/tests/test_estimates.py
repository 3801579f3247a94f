from typing import Any

import pytest

from batches.progress.progress import remaining_seconds


@pytest.mark.parametrize("durations", [[], [5.0], [5.0, 6.0]])
def test_fewer_than_three_images_say_nothing(durations: Any) -> None:
    assert remaining_seconds(durations, 10) is None


def test_the_rest_takes_the_median_for_each_image() -> None:
    assert remaining_seconds([4.0, 5.0, 60.0], 10) == 50


def test_only_the_ten_latest_images_count() -> None:
    assert remaining_seconds([2.0] * 10 + [90.0] * 30, 3) == 6


def test_nothing_left_takes_no_time() -> None:
    assert remaining_seconds([2.0, 2.0, 2.0], 0) == 0
