"""Months counted from a day, through short ones."""

from datetime import UTC, datetime

import pytest

from billing.months import add_months, month_around, months_since


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_a_short_month_ends_on_its_last_day(anchor: str, count: int, expected: str) -> None:
    assert add_months(day(anchor), count) == day(expected)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-02-27T23:59", "2026-01-31", "2026-02-28"),
        ("2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-03-30T23:59", "2026-02-28", "2026-03-31"),
        ("2026-03-31", "2026-03-31", "2026-04-30"),
        ("2027-01-31", "2027-01-31", "2027-02-28"),
    ],
)
def test_a_month_begun_on_the_31st_is_found(now: str, start: str, end: str) -> None:
    assert month_around(day("2026-01-31"), day(now)) == (day(start), day(end))


def test_before_the_first_day_the_count_is_negative() -> None:
    assert months_since(day("2026-03-10"), day("2026-03-09")) == -1
