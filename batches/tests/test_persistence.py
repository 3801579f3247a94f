"""A booking made again while the database is away."""

import pytest
from django.db import IntegrityError, OperationalError, transaction

from batches import persistence
from batches.persistence import persistent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def delays(monkeypatch):
    """Do not wait, and note for how long it would have."""
    waited = []
    monkeypatch.setattr(persistence.time, "sleep", waited.append)
    return waited


def failing(times, error):
    """Return a booking that fails so many times."""
    errors = iter([error] * times)

    @persistent
    def booking():
        for problem in errors:
            raise problem
        return "booked"

    return booking


def test_a_booking_is_made_when_the_database_is_back(delays):
    assert failing(3, OperationalError("gone away"))() == "booked"
    assert len(delays) == 3


def test_it_gives_up_after_about_a_minute(delays):
    with pytest.raises(OperationalError):
        failing(1_000, OperationalError("gone away"))()
    assert 30 < sum(delays) < 65


def test_an_error_of_the_booking_itself_is_not_repeated(delays):
    with pytest.raises(IntegrityError):
        failing(1, IntegrityError("twice"))()
    assert delays == []


def test_inside_a_transaction_the_whole_of_it_must_be_repeated():
    with pytest.raises(OperationalError), transaction.atomic():
        failing(1, OperationalError("deadlock"))()
