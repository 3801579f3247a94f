"""A booking is retried while the database is unavailable."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction

from batches.runs import files, retrying
from batches.runs.retrying import retried_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not wait, and note for how long it would have."""
    waited = []
    monkeypatch.setattr(retrying.time, "sleep", waited.append)
    return waited


def failing(times: int, error: Any) -> Callable[[], str]:
    """Return a booking that fails so many times."""
    errors = iter([error] * times)

    @retried_transaction
    def booking() -> str:
        for problem in errors:
            raise problem
        return "booked"

    return booking


def test_a_booking_is_made_when_the_database_is_back(delays: Any) -> None:
    assert failing(3, OperationalError("gone away"))() == "booked"
    assert len(delays) == 3


def test_it_is_retried_for_as_long_as_storing_the_file(delays: list[float]) -> None:
    with pytest.raises(OperationalError):
        failing(1_000, OperationalError("gone away"))()
    assert sum(delays) == pytest.approx(sum(files.STORE_AGAIN_SECONDS), rel=0.25)


def test_an_error_of_the_booking_itself_is_not_repeated(delays: Any) -> None:
    with pytest.raises(IntegrityError):
        failing(1, IntegrityError("twice"))()
    assert delays == []


def test_inside_a_transaction_the_whole_of_it_must_be_repeated() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        failing(1, OperationalError("deadlock"))()
