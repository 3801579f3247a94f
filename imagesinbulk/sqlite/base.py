"""Django's SQLite backend, with the library's real limit on parameters and a queue for a process's writers.

Django 5.2 assumes 999 parameters a statement, so that 1,000 prompts would be stored in dozens of
statements. SQLite allows 32,766 since 3.32, and the connection can be asked.

SQLite lets one connection write at a time; the others ask again and again, after pauses of up to 100 ms. With a
hundred threads of a worker most pauses are too long and most questions in vain, so the threads of a process stand in a
queue of our own, and only its first asks SQLite, for other processes' sake.
"""

import os
import sqlite3
import threading
from collections import defaultdict
from functools import cached_property

from django.db.backends.sqlite3 import base, features

#: By database. After `timeout` seconds a thread asks SQLite without its turn, and is told that the database is locked.
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
# What a parent's threads hold when it forks is never given back in the child.
os.register_at_fork(after_in_child=_turns.clear)


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
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        turn = _turns[str(self.settings_dict["NAME"])]
        if turn.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = turn

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
