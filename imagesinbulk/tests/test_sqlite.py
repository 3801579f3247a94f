"""Threads of a process that write to SQLite stand in a queue, and nobody stays in it for ever."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import User
from imagesinbulk.sqlite import base
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
]


def turn() -> threading.Lock:
    return base._turns[str(connection.settings_dict["NAME"])]


def test_a_transaction_has_the_turn_until_it_ends() -> None:
    with transaction.atomic():
        assert turn().locked()
    assert not turn().locked()


def test_a_failed_transaction_gives_it_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        1 / 0  # noqa: B018
    assert not turn().locked()


def test_a_block_within_does_not_give_it_back() -> None:
    with transaction.atomic():
        with transaction.atomic():
            pass
        assert turn().locked()


def test_what_is_done_on_commit_may_write() -> None:
    with transaction.atomic():
        transaction.on_commit(lambda: User.objects.create(email="bob@example.org"))
    assert User.objects.filter(email="bob@example.org").exists()


def test_threads_write_one_after_the_other() -> None:
    inside, most = 0, 0

    @transaction.atomic
    def write(number: int) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        User.objects.create(email=f"{number}@example.org")
        inside -= 1

    def write_many(start: int) -> None:
        for number in range(start, start + 20):
            write(number)

    at_once([lambda start=start: write_many(start) for start in range(0, 80, 20)])
    assert (most, User.objects.filter(email__endswith="@example.org").count()) == (1, 80)
