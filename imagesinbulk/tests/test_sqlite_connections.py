"""Connections to an SQLite file that threads leave to each other."""

import gc
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from imagesinbulk.databases import tuned_database
from imagesinbulk.sqlite import base

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
]
Connect = Callable[[], base.DatabaseWrapper]


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Return what connects one more thread to a file, which has places for two."""
    monkeypatch.setattr(base, "MOST_OPEN", 2)
    monkeypatch.setattr(base, "_PATIENCE_SECONDS", 0.05)
    file = {**settings.DATABASES["default"], "ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "file"}

    def connected() -> base.DatabaseWrapper:
        made = base.DatabaseWrapper(tuned_database(file), "file")
        made.connect()
        return made

    return connected


def test_a_closed_connection_serves_the_next_thread(connect: Connect) -> None:
    first = connect()
    its = first.connection
    first.close()
    assert connect().connection is its


def test_two_threads_never_have_the_same(connect: Connect) -> None:
    first, second = connect(), connect()
    assert first.connection is not second.connection


def test_one_taken_over_is_set_up_as_a_new_one_is(connect: Connect) -> None:
    connect().close()
    with connect().cursor() as cursor:
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (1,)


def test_one_in_a_transaction_is_not_left_to_anybody(connect: Connect) -> None:
    first = connect()
    its = first.connection
    its.execute("BEGIN")
    first.close()
    assert connect().connection is not its


def test_one_after_an_error_is_not_left_to_anybody(connect: Connect) -> None:
    first = connect()
    its = first.connection
    with pytest.raises(OperationalError), first.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    first.errors_occurred = True
    first.close()
    assert connect().connection is not its


def test_a_place_is_free_when_a_connection_is_closed(connect: Connect) -> None:
    first, _second = connect(), connect()
    assert not first._pool.places.acquire(blocking=False)
    first.close()
    assert first._pool.places.acquire(blocking=False)


def test_a_place_is_free_when_a_thread_ended_without_closing(connect: Connect) -> None:
    first, second = connect(), connect()
    places = first._pool.places
    second.close()
    del first
    gc.collect()
    assert [places.acquire(blocking=False) for _ in range(3)] == [True, True, False]


def test_a_connection_that_cannot_be_made_takes_no_place(connect: Connect, tmp_path: Path) -> None:
    made = connect()
    for _ in range(3):
        with pytest.raises(sqlite3.OperationalError):
            made.get_new_connection({"database": tmp_path / "none" / "file"})
    assert made._pool.places.acquire(blocking=False)


def test_nobody_waits_for_ever_for_a_place(connect: Connect) -> None:
    connections = [connect() for _ in range(3)]
    assert all(each.is_usable() for each in connections)
    for each in connections:
        each.close()
    assert len(connections[0]._pool.idle) == 2
