"""Files that outlive a full disk, bookings that outlive a restart of the database.

Upstream has made the image and is paid for it, so it must not be lost.
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

#: A deadlock is over at once; a restart takes seconds, and the lease outlasts short ones.
_DELAYS_SECONDS = (0.05, 0.2, 0.5, *[1.0] * 60)

#: An operator has about ten minutes to make room. Calls upstream stop meanwhile: so many images wait in memory at most.
_STORE_AGAIN_SECONDS = (1.0, 5.0, *[15.0] * 40)


def store(name: str, data: bytes) -> str:
    """Store a file and return the name that it got; tried again while the disk is full or away, then `OSError`."""
    for delay in _STORE_AGAIN_SECONDS:
        try:
            return default_storage.save(name, _in_one_piece(data))
        except OSError as error:
            logger.error("%s could not be stored; it is tried again: %s", name, error)
        with suppress(OSError):
            # The part that was written needs the room that is lacking.
            default_storage.delete(name)
        time.sleep(delay)
    return default_storage.save(name, _in_one_piece(data))


def _in_one_piece(data: bytes) -> "ContentFile[bytes]":
    """Return the data as a file that is written with one call, not 24: each would wake another thread."""
    file = ContentFile(data)
    file.DEFAULT_CHUNK_SIZE = len(data)
    return file


def retry_on_database_error(booking: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a whole transaction again while the database is away or chooses it as a deadlock's victim.

    The commit itself may have worked although its answer was lost: a booking must notice that it was made.
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
