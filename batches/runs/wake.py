"""Enqueue batches for the workers. If a message is lost, the sweep sends another some seconds later."""

import logging
import uuid

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

#: A longer wait is left to `not_before` and the sweep.
LONGEST_COUNTDOWN_SECONDS = 60.0


def from_web(batch_id: uuid.UUID) -> None:
    """Enqueue the batch. With the embedded broker, the sweep does that."""
    if not settings.BROKER_IS_EMBEDDED:
        from_worker(batch_id)


def from_worker(batch_id: uuid.UUID, delay_seconds: float = 0) -> None:
    """Enqueue the batch, to run after `delay_seconds`."""
    if delay_seconds > LONGEST_COUNTDOWN_SECONDS:
        return
    try:
        current_app.send_task("batches.advance", [str(batch_id)], countdown=delay_seconds or None)
    except OperationalError:
        logger.warning("the broker can't be reached; the sweep will find batch %s", batch_id)
