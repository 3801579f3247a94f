"""Is each part of the installation there? One word a part: `ok`, or what is wrong."""

from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from batches.runs.sweep import HEARTBEAT_KEY

#: A worker that has not swept for this long is gone.
_HEARTBEAT_LASTS = timedelta(seconds=30)


def checks() -> dict[str, str]:
    """Return the state of database, cache, broker and worker."""
    return {"database": _database(), "cache": _cache(), "broker": _broker(), "worker": _worker()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseTrouble:
        return "unreachable"
    return "ok"


def _cache() -> str:
    return _guarded(_note)


def _note() -> str:
    cache.set("healthz", 1, timeout=5)
    return "ok"


def _broker() -> str:
    if settings.BROKER_IS_EMBEDDED:
        return "ok"
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=0, timeout=2)
    except OperationalError:
        return "unreachable"
    return "ok"


def _worker() -> str:
    return _guarded(_heartbeat)


def _heartbeat() -> str:
    seen_at = cache.get(HEARTBEAT_KEY)
    return "ok" if seen_at and timezone.now() - seen_at < _HEARTBEAT_LASTS else "no heartbeat"


def _guarded(check: Callable[[], str]) -> str:
    try:
        return check()
    except (RedisError, OSError):
        return "unreachable"
