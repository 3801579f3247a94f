"""Django's MySQL backend with connections that threads leave to each other.

A worker's hundred threads need the database for milliseconds and then wait for an image for seconds.
Opening a connection takes as long as several queries, and one kept by each thread would be two thirds
of what the server has. So `close()` leaves a healthy connection to the next thread that wants one.
"""

import os
import time
from collections import defaultdict, deque
from typing import Any

from django.db.backends.mysql import base
from MySQLdb import Error as DriverError

#: By process and database: what a parent left idle before it forked must not be shared with its child.
_idle: defaultdict[tuple[int, str], deque[Any]] = defaultdict(deque)


#: Whoever answered so lately is not asked again whether it is there: the question is a fifth of a short request, and a
#: server that went away is not back so soon.
TRUSTED_SECONDS = 0.5


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend that `ENGINE` names."""

    _trusted_until = 0.0

    def connect(self) -> None:
        """Take over an idle connection, or open one; either lasts `CONN_MAX_AGE` from when it was opened."""
        super().connect()
        self.close_at = vars(self.connection).setdefault("close_at", self.close_at)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return an idle connection that the server still knows, else a new one."""
        return self._idle_connection() or super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        """Say what a new connection has to know; one taken over has been told."""
        if not hasattr(self.connection, "close_at"):
            super().init_connection_state()

    def close_if_health_check_failed(self) -> None:
        """Close the connection if the server has ended it, asked once a request but not more often than needed."""
        if self.connection is not None and time.monotonic() < self._trusted_until:
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._trusted_until = time.monotonic() + TRUSTED_SECONDS

    def _close(self) -> None:
        if self._can_be_left():
            _idle[self._key].append(self.connection)
        else:
            super()._close()  # type: ignore[misc]  # its stub does not know it

    def _can_be_left(self) -> bool:
        if self.connection is None or self.errors_occurred or self.in_atomic_block or not self.get_autocommit():
            return False
        return self.close_at is not None and time.monotonic() < self.close_at

    def _idle_connection(self) -> Any:
        idle = _idle[self._key]
        while idle:
            try:
                connection = idle.pop()
            except IndexError:
                # Another thread was quicker.
                return None
            if time.monotonic() < connection.close_at and self._is_known(connection):
                return connection
            connection.close()
        return None

    def _is_known(self, connection: Any) -> bool:
        try:
            connection.ping()
        except DriverError:
            return False
        return True

    @property
    def _key(self) -> tuple[int, str]:
        return os.getpid(), self.settings_dict["NAME"]
