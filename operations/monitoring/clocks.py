"""How far the clocks of our machines are from the database's.

Leases use the database's clock. Emails, webhooks, retries and expiry use that of the machine they run on.
"""

from time import time

from django.core.cache import cache
from django.db import connection

from batches.runs import heartbeat

MOST_SKEW_SECONDS = 2.0
#: Workers compare their clock once a minute.
_KNOWN_SECONDS = 180
_EPOCH_SECONDS = {
    "mysql": "SELECT UNIX_TIMESTAMP(NOW(6))",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400",
}


def skew() -> str:
    """Return by how many seconds the database's clock is ahead of ours; empty if it is near enough."""
    with connection.cursor() as cursor:
        asked_at = time()
        cursor.execute(_EPOCH_SECONDS[connection.vendor])
        seconds = float(cursor.fetchone()[0]) - (asked_at + time()) / 2
    return "" if abs(seconds) <= MOST_SKEW_SECONDS else f"{seconds:+.1f} s"


def note_worker() -> None:
    cache.set(_key(heartbeat.name()), skew(), _KNOWN_SECONDS)


def wrong_workers() -> dict[str, str]:
    """Return the skew of each worker whose clock is wrong, by its name."""
    keys = {_key(name): name for name in sorted(heartbeat.alive_workers())}
    return {keys[key]: found for key, found in cache.get_many(keys).items() if found}


def _key(name: str) -> str:
    return f"clock:{name}"
