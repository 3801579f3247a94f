"""The state of each part of the site: `ok`, or what is wrong."""

from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from batches.models import Batch
from batches.runs.sweep import HEARTBEAT_KEY

#: A worker without a sweep for this long has stopped.
_HEARTBEAT_LASTS = timedelta(seconds=30)
_CACHE_ERRORS = (RedisError, OSError)


def checks() -> dict[str, str]:
    return {"database": _database(), "cache": _cache(), "broker": _broker(), "worker": _worker(), "batches": _batches()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return "ok"


def _cache() -> str:
    try:
        cache.set("healthz", 1, timeout=5)
    except _CACHE_ERRORS:
        return "unreachable"
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
    try:
        seen_at = cache.get(HEARTBEAT_KEY)
    except _CACHE_ERRORS:
        return "unreachable"
    return "ok" if seen_at and timezone.now() - seen_at < _HEARTBEAT_LASTS else "no heartbeat"


def _batches() -> str:
    try:
        reasons = [row["waiting_reason"] for row in Batch.objects.waiting_for_operators()]
    except Error:
        return "unreachable"
    return f"on hold: {', '.join(reasons)}" if reasons else "ok"
