"""Django's SQLite backend, with the library's real limit on parameters and a queue for a process's writers.

Django 5.2 assumes 999 parameters a statement, so that 1,000 prompts would be stored in dozens of
statements. SQLite allows 32,766 since 3.32, and the connection can be asked.

SQLite lets one connection write at a time; the others ask again and again, after pauses of up to 100 ms. With a
hundred threads of a worker most pauses are too long and most questions in vain, so the threads of a process stand in a
queue of our own, and only its first asks SQLite, for other processes' sake.

A connection has the whole schema in memory: two hundred of them take 140 MB. Those threads need one for milliseconds
between images, so `close()` leaves it to the next thread, as in our MariaDB backend, and few are open at a time.
"""

import os
import sqlite3
import threading
import weakref
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

from django.db.backends.sqlite3 import base, features

#: So many connections of a process are open at a time, unless threads keep them for longer than others want to wait.
MOST_OPEN = 24
_PATIENCE_SECONDS = 2.0

#: By database. After `timeout` seconds a thread asks SQLite without its turn, and is told that the database is locked.
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
# What a parent's threads hold when it forks is never given back in the child.
os.register_at_fork(after_in_child=_turns.clear)


class _Pool:
    """The connections of a process to a file."""

    def __init__(self) -> None:
        self.idle: deque[sqlite3.Connection] = deque()
        self.places = threading.Semaphore(MOST_OPEN)


#: SQLite forbids to use a connection in a process that was forked later.
_pools: defaultdict[tuple[int, str], _Pool] = defaultdict(_Pool)


class DatabaseFeatures(features.DatabaseFeatures):
    """Features of this very SQLite library."""

    @cached_property
    def max_query_params(self) -> int:  # type: ignore[override]
        """Return how many parameters one statement may have."""
        self.connection.ensure_connection()
        return self.connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend that `ENGINE` names."""

    features_class = DatabaseFeatures
    _turn: "threading.Lock | None" = None
    _give_back_place: "Callable[[], object]" = staticmethod(lambda: None)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that no thread has, else a new one."""
        if self.is_in_memory_db():
            # Closing it would destroy the database, so nothing ever comes back.
            return super().get_new_connection(conn_params)
        if self._pool.places.acquire(timeout=_PATIENCE_SECONDS):
            # Also when a thread ends that has not closed its connection.
            self._give_back_place = weakref.finalize(self, self._pool.places.release)
        with suppress(IndexError):
            return self._pool.idle.pop()
        try:
            return super().get_new_connection(conn_params)
        except BaseException:
            self._give_back_place()
            raise

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # its stub does not know it
        except BaseException:
            self._end_turn()
            raise

    # What is done on commit runs after `_commit`, and may write.

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            if self._can_be_left():
                self._pool.idle.append(self.connection)
            else:
                super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()
            self._give_back_place()

    def _can_be_left(self) -> bool:
        is_whole = self.connection is not None and not self.errors_occurred and not self.connection.in_transaction
        return is_whole and len(self._pool.idle) < MOST_OPEN

    @property
    def _pool(self) -> _Pool:
        return _pools[os.getpid(), str(self.settings_dict["NAME"])]

    def _take_turn(self) -> None:
        turn = _turns[str(self.settings_dict["NAME"])]
        if turn.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = turn

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
