"""The counts of `limits` in a file, for a site without Redis: its memory storage counts in each process for itself.

The file can be deleted while nothing runs; the windows then begin anew.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import floor

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport, TimestampedSlidingWindow

_TIMEOUT_SECONDS = 5.0
_TABLE = "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER, expires_at REAL) WITHOUT ROWID"
_ADD = """
    INSERT INTO counts VALUES (:key, :amount, :now + :expiry) ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN expires_at > :now THEN count ELSE 0 END + excluded.count,
        expires_at = CASE WHEN expires_at > :now THEN expires_at ELSE excluded.expires_at END
    RETURNING count
"""


class SQLiteStorage(Storage, TimestampedSlidingWindow, SlidingWindowCounterSupport):
    """What `sqlite:///folder/file` names; all threads and processes of a machine share it."""

    STORAGE_SCHEME = ["sqlite"]
    base_exceptions = sqlite3.Error

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._path = uri.removeprefix("sqlite://")
        self._of_thread = threading.local()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to the count of `key`, which ends `expiry` seconds after its beginning; return the sum."""
        return _add(self._connection(), key, amount, expiry, time.time())

    def get(self, key: str) -> int:
        """Return the count of `key`, 0 if there is none."""
        return _count(self._connection(), key, time.time())

    def get_expiry(self, key: str) -> float:
        """Return when the count of `key` ends, in seconds since 1970; now if there is none."""
        row = self._connection().execute("SELECT expires_at FROM counts WHERE key = ?", [key]).fetchone()
        return max(time.time(), row[0] if row else 0.0)

    def check(self) -> bool:
        """Tell whether the file can be used."""
        try:
            self._connection().execute("SELECT 1 FROM counts LIMIT 1")
        except sqlite3.Error:
            return False
        return True

    def reset(self) -> int:
        """Forget all counts, and return how many there were."""
        return self._connection().execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        """Forget the count of `key`."""
        self._connection().execute("DELETE FROM counts WHERE key = ?", [key])

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Add `amount` if the last `expiry` seconds then have at most `limit`; tell whether there was room."""
        with self._alone() as connection:
            now = time.time()
            before, its_seconds, current, _ = self._windows(connection, key, expiry, now)
            has_room = floor(before * its_seconds / expiry + current) + amount <= limit
            if has_room:
                # It lasts twice as long, because it is the window before the next one as well.
                _add(connection, self.sliding_window_keys(key, expiry, now)[1], amount, 2 * expiry, now)
            return has_room

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the count of the window before, for how many seconds it matters, and the same of the current one.

        Windows begin at multiples of `expiry` seconds; the one before counts for its part in the last `expiry` seconds.
        """
        return self._windows(self._connection(), key, expiry, time.time())

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget both windows of `key`."""
        for window in self.sliding_window_keys(key, expiry, time.time()):
            self.clear(window)

    def _windows(
        self, connection: sqlite3.Connection, key: str, expiry: int, now: float
    ) -> tuple[int, float, int, float]:
        before, current = (_count(connection, window, now) for window in self.sliding_window_keys(key, expiry, now))
        left = expiry - now % expiry
        return before, left if before else 0.0, current, left + expiry

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            yield connection

    def _connection(self) -> sqlite3.Connection:
        made: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if made is None:
            made = sqlite3.connect(self._path, timeout=_TIMEOUT_SECONDS, isolation_level=None)
            # Readers do not wait, and nothing waits for the disk.
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = NORMAL")
            made.execute(_TABLE)
            self._of_thread.connection = made
        return made


def _count(connection: sqlite3.Connection, key: str, now: float) -> int:
    row = connection.execute("SELECT count FROM counts WHERE key = ? AND expires_at > ?", [key, now]).fetchone()
    return row[0] if row else 0


def _add(connection: sqlite3.Connection, key: str, amount: int, expiry: int, now: float) -> int:
    given = {"key": key, "amount": amount, "expiry": expiry, "now": now}
    # Fetched whole: the statement ends, and its lock with it, after the last row.
    [(count,)] = connection.execute(_ADD, given).fetchall()
    if count == amount:
        # Whatever has ended goes when something begins.
        connection.execute("DELETE FROM counts WHERE expires_at <= ?", [now])
    return int(count)
