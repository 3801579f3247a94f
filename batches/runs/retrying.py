"""Retries for writing files while the disk is full, and for transactions while the database restarts.

We have already paid upstream for the image, so it must not be lost.
"""

import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: A deadlock is resolved at once. A restart takes seconds; the lease outlasts a short one.
_DELAYS_SECONDS = (0.05, 0.2, 0.5, *[1.0] * 60)

#: An operator has about ten minutes to free space. Threads block meanwhile: each has one image in memory.
_STORE_AGAIN_SECONDS = (1.0, 5.0, *[15.0] * 40)


def store(name: str, data: bytes) -> str:
    """Store a file and return its final name; retry while the disk is full or unavailable, then raise `OSError`."""
    for delay in _STORE_AGAIN_SECONDS:
        try:
            return default_storage.save(name, _in_one_piece(data))
        except OSError as error:
            logger.error("%s could not be stored; it is tried again: %s", name, error)
        with suppress(OSError):
            # Free the space that the incomplete file uses.
            default_storage.delete(name)
        time.sleep(delay)
    return default_storage.save(name, _in_one_piece(data))


def _in_one_piece(data: bytes) -> "ContentFile[bytes]":
    """Return the data as a file that is written in one call instead of 24, each of which would wake another thread."""
    file = ContentFile(data)
    file.DEFAULT_CHUNK_SIZE = len(data)
    return file


def retry_on_database_error(booking: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Retry a whole transaction while the database is unavailable, or after a deadlock.

    The first attempt may have been committed although the connection was lost, so the function must detect that.
    """

    @wraps(booking)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for delay in _DELAYS_SECONDS:
            try:
                return booking(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block:
                    raise
                logger.warning("%s is tried again: %s", booking.__name__, error)
            connection.close()
            time.sleep(delay * random.uniform(0.5, 1))
        return booking(*args, **kwargs)

    return wrapped
