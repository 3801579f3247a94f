"""Transactions that are retried while the database is unavailable.

They record what an upstream call has brought. We have already paid for it, so it must not be lost.
"""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: A deadlock is resolved at once, a restart takes seconds, an operator minutes: about ten, as for storing the file.
_DELAYS_SECONDS = (0.05, 0.2, 0.5, *[1.0] * 60, *[5.0] * 110)


def retried_transaction(booking: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run in a transaction, and retry the whole of it while the database is unavailable, or after a deadlock.

    The first attempt may have been committed although the connection was lost, so the function must detect that.
    """
    booking = transaction.atomic(booking)

    @wraps(booking)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for number, delay in enumerate(_DELAYS_SECONDS):
            try:
                return booking(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block:
                    raise
                if not number:
                    logger.warning("%s is tried again: %s", booking.__name__, error)
            connection.close()
            time.sleep(delay * random.uniform(0.5, 1.5))
        return booking(*args, **kwargs)

    return wrapped
