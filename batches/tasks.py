"""The task engine's side of the runs: ids in, one call each, no logic."""

import uuid

from celery import shared_task
from celery.worker import state

from batches.runs import turns, wake


@shared_task(name="batches.advance")
def advance(batch_id: str) -> None:
    """Let the batch have its turn, then hint at the next."""
    delay_seconds = turns.take_turn(uuid.UUID(batch_id), _is_worker_stopping)
    if delay_seconds is not None:
        wake.from_worker(uuid.UUID(batch_id), delay_seconds)


def _is_worker_stopping() -> bool:
    # None before a signal, then the exit code: 0 for a warm shutdown.
    return state.should_stop is not None and state.should_stop is not False
