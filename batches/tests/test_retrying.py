"""A booking made again while the database is away, a file while the disk is full."""

import errno
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, OperationalError, transaction

from batches.runs import retrying
from batches.runs.retrying import retry_on_database_error, store

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

    @retry_on_database_error
    def booking() -> str:
        for problem in errors:
            raise problem
        return "booked"

    return booking


def test_a_booking_is_made_when_the_database_is_back(delays: Any) -> None:
    assert failing(3, OperationalError("gone away"))() == "booked"
    assert len(delays) == 3


def test_it_gives_up_after_about_a_minute(delays: Any) -> None:
    with pytest.raises(OperationalError):
        failing(1_000, OperationalError("gone away"))()
    assert 30 < sum(delays) < 65


def test_an_error_of_the_booking_itself_is_not_repeated(delays: Any) -> None:
    with pytest.raises(IntegrityError):
        failing(1, IntegrityError("twice"))()
    assert delays == []


def test_inside_a_transaction_the_whole_of_it_must_be_repeated() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        failing(1, OperationalError("deadlock"))()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what lets the disk be full for so many times."""

    def fill(times: int) -> None:
        whole, errors = FileSystemStorage.save, iter([OSError(errno.ENOSPC, "No space left on device")] * times)

        def save(storage: Any, name: str, content: Any) -> str:
            saved = whole(storage, name, content)
            for error in errors:
                raise error
            return saved

        monkeypatch.setattr(FileSystemStorage, "save", save)

    return fill


def test_an_image_is_stored_when_there_is_room_again(full_disk: Any, delays: Any) -> None:
    full_disk(times=2)
    assert store("images/b/1.png", b"a picture") == "images/b/1.png"
    assert default_storage.listdir("images/b")[1] == ["1.png"]
    assert len(delays) == 2


def test_storing_is_given_up_after_about_ten_minutes(full_disk: Any, delays: Any) -> None:
    full_disk(times=1_000)
    with pytest.raises(OSError, match="No space left"):
        store("images/c/1.png", b"a picture")
    assert 500 < sum(delays) < 700
