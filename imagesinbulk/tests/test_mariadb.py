"""Connections to MariaDB that threads leave to each other."""

import time

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction

from tests.threads import at_once

pytest.importorskip("MySQLdb", reason="mysqlclient is not installed")
from imagesinbulk.mariadb import base

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="about connections to a server"),
]


@pytest.fixture(autouse=True)
def _no_idle_connections() -> None:
    """Begin with a connection of the test's own."""
    connection.close()
    base._idle.clear()


def asked(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def server_id() -> object:
    return asked("SELECT CONNECTION_ID()")


def test_a_closed_connection_serves_the_next_thread() -> None:
    first = server_id()
    connection.close()
    assert at_once([server_id]) == [first]


def test_two_threads_never_have_the_same() -> None:
    connection.close()
    assert len(set(at_once([server_id] * 4))) == 4


def test_it_is_set_up_as_a_new_one_is() -> None:
    server_id()
    connection.close()
    assert asked("SELECT @@session.tx_isolation") == "READ-COMMITTED"
    assert connection.get_autocommit()


def test_one_in_a_transaction_is_not_left_to_anybody() -> None:
    first = server_id()
    with transaction.atomic():
        connection.close()
    assert server_id() != first


def test_one_after_an_error_is_not_left_to_anybody() -> None:
    first = server_id()
    with pytest.raises(OperationalError):
        asked("SELECT SLEEP(1) FROM DUAL WHERE KILL_ME()")
    connection.close()
    assert server_id() != first


def test_one_that_the_server_has_ended_is_not_taken() -> None:
    first = server_id()
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute(f"KILL {first}")
    connection.errors_occurred = False
    connection.close()
    assert server_id() != first


def test_one_is_not_kept_beyond_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    first = server_id()
    now = time.monotonic()
    monkeypatch.setattr(base.time, "monotonic", lambda: now + 61)
    connection.close()
    assert server_id() != first


def begin_request() -> None:
    """Let the connection be asked whether it is alive, as the begin of a request does."""
    close_old_connections()


def end_by_another(connection_id: object) -> None:
    at_once([lambda: asked(f"KILL {connection_id}")])


def pings() -> int:
    """Return how often the server was asked on this connection whether it is there."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Com_admin_commands'")
        return int(cursor.fetchone()[1])


def test_one_that_was_silent_for_a_while_is_asked_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    first = server_id()
    end_by_another(first)
    now = time.monotonic()
    monkeypatch.setattr(base.time, "monotonic", lambda: now + base.TRUSTED_SECONDS)
    begin_request()
    assert server_id() != first


def test_one_that_was_silent_for_a_while_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pings()
    now = time.monotonic()
    monkeypatch.setattr(base.time, "monotonic", lambda: now + base.TRUSTED_SECONDS)
    begin_request()
    assert (pings(), pings()) == (before + 1, before + 1)


def test_one_that_answered_lately_is_not_asked_again() -> None:
    server_id()
    begin_request()
    before = pings()
    begin_request()
    assert pings() == before
