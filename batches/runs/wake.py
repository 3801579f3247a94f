"""Hints to the workers that a batch can go on. A lost one costs seconds, never work: the sweep gives another."""

import logging
import uuid

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

#: A longer wait is left to `not_before` and the sweep.
LONGEST_COUNTDOWN_SECONDS = 60.0


def from_web(batch_id: uuid.UUID) -> None:
    """Tell the workers; the embedded broker lives in the worker's process, whose sweep finds the batch itself."""
    if not settings.BROKER_IS_EMBEDDED:
        from_worker(batch_id)


def from_worker(batch_id: uuid.UUID, delay_seconds: float = 0) -> None:
    """Tell the workers that the batch can go on after `delay_seconds`."""
    if delay_seconds > LONGEST_COUNTDOWN_SECONDS:
        return
    try:
        current_app.send_task("batches.advance", [str(batch_id)], countdown=delay_seconds or None)
    except OperationalError:
        logger.warning("the broker is away; the sweep will find batch %s", batch_id)
