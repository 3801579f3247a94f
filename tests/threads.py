"""Several things at the same moment, each with a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from tests.processes import wait_for

_WAITING = """
    SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id
    WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'
"""


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run all acts at once; return what each returned, or the exception that it raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return act()
        except Exception as error:  # noqa: BLE001 -- the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def wait_for_another_to_wait() -> None:
    """Return as soon as another transaction in this MariaDB database waits for a lock."""

    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            return bool(cursor.fetchone()[0])

    wait_for(is_waiting)
