"""The state of each part of the site: `ok`, or what is wrong."""

import shutil
from contextlib import suppress

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from batches.models import Batch
from batches.runs import files, heartbeat
from lib.timed_cache import TimedCache
from operations.monitoring import clocks, queue

OK = "ok"
UNREACHABLE = "unreachable"
#: The disk is full when it has less room than both.
LEAST_FREE_BYTES, LEAST_FREE_SHARE = 1024**3, 0.05
#: Without news for this long, a batch that could run has been forgotten, or there are too few workers.
LONGEST_WAIT_SECONDS = 15 * 60
_CACHE_ERRORS = (RedisError, OSError)


def readiness() -> dict[str, str]:
    """Return the checks of what this process needs to answer requests. Workers are not among them."""
    checks = {"cache": _cache(), "media": media(), "disk": disk(), "static_files": _static_files()}
    try:
        return {"database": OK, "clock": clocks.skew() or OK, "migrations": _migrations(), **checks}
    except Error:
        return {"database": UNREACHABLE, **checks}


def everything() -> dict[str, str]:
    checks = readiness()
    # Until all migrations are applied, tables or columns may be missing.
    has_tables = checks.get("migrations") == OK
    of_batches = {"queue": _queue(), "batches": _batches()} if has_tables else {}
    return {**checks, "broker": _broker(), "worker": _worker(), "worker_clocks": _worker_clocks(), **of_batches}


def _count_missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


missing_migrations = TimedCache(_count_missing_migrations, seconds=60)


def _migrations() -> str:
    count = missing_migrations()
    return f"{count} missing" if count else OK


def _cache() -> str:
    try:
        cache.set("readyz", 1, timeout=5)
    except _CACHE_ERRORS:
        return UNREACHABLE
    return OK


def media() -> str:
    return OK if files.can_store() else "not writable"


def disk() -> str:
    # A storage that is not a disk has no path. `media` checks whether the folder is there.
    with suppress(NotImplementedError, FileNotFoundError):
        disk = shutil.disk_usage(default_storage.path(""))
        if disk.free < min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * disk.total):
            return f"{disk.free // 1024**2} MB free"
    return OK


def _static_files() -> str:
    # Without the manifest every page is an error 500. It is read when the process starts.
    has_manifest = getattr(staticfiles_storage, "hashed_files", True)
    return OK if has_manifest or settings.DEBUG else "run collectstatic"


def _broker() -> str:
    if settings.BROKER_IS_EMBEDDED:
        return OK
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=0, timeout=2)
    except OperationalError:
        return UNREACHABLE
    return OK


def _worker() -> str:
    try:
        return OK if heartbeat.alive_workers() else "no heartbeat"
    except _CACHE_ERRORS:
        return UNREACHABLE


def _worker_clocks() -> str:
    try:
        wrong = clocks.wrong_workers()
    except _CACHE_ERRORS:
        return UNREACHABLE
    return ", ".join(f"{name}: {skew}" for name, skew in wrong.items()) or OK


def _queue() -> str:
    seconds = queue.oldest_wait_seconds()
    return OK if seconds <= LONGEST_WAIT_SECONDS else f"a batch has waited for {seconds / 60:.0f} minutes"


def _batches() -> str:
    reasons = [row["waiting_reason"] for row in Batch.objects.waiting_for_operators()]
    return f"on hold: {', '.join(reasons)}" if reasons else OK
