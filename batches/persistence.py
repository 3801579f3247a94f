"""Bookings that outlive a restart of the database: upstream has made the image, so it must not be lost."""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: A deadlock is over at once; a restart takes seconds, and the lease outlasts short ones.
_DELAYS_SECONDS = (0.05, 0.2, 0.5, *[1.0] * 60)


def persistent(booking: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
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
