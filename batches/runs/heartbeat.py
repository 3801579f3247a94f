"""Heartbeats of workers: in the cache for other machines, and in a file for the worker's own."""

import os
import socket
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

INTERVAL_SECONDS = 5.0
#: A worker without a heartbeat for this long has stopped.
ALIVE_SECONDS = 30
#: Cache key of the names of all workers, also of some that have stopped.
_NAMES = "workers"


def beat() -> None:
    try:
        _file().touch()
    finally:
        # Even if the disk is read-only.
        _beat_in_cache()


def end() -> None:
    _file().unlink(missing_ok=True)


def alive_workers() -> set[str]:
    keys = {_key(each): each for each in cache.get(_NAMES, ())}
    return {keys[key] for key in cache.get_many(keys)}


def is_alive_here() -> bool:
    """Return whether a worker on this host with our `VAR_DIR` has a heartbeat. Works without the cache."""
    try:
        return time.time() - _file().stat().st_mtime < ALIVE_SECONDS
    except FileNotFoundError:
        return False


def name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _beat_in_cache() -> None:
    cache.set(_key(name()), 1, ALIVE_SECONDS)
    # If two workers start at the same time, one name may be lost until that worker's next heartbeat.
    if name() not in cache.get(_NAMES, ()):
        cache.set(_NAMES, {*alive_workers(), name()}, None)


def _key(worker: str) -> str:
    return f"worker:{worker}"


def _file() -> Path:
    # Containers may share `VAR_DIR`: each has its own host name.
    return Path(settings.VAR_DIR) / f"worker-heartbeat-{socket.gethostname()}"
