import uuid

from celery import shared_task
from celery.worker import state

from batches.runs import sweep, turns, wake
from lib import log_context


@shared_task(name="batches.advance")
def advance(batch_id: str) -> None:
    """Run the batch for a turn, then enqueue it again if it can continue."""
    log_context.begin(batch=batch_id)
    if _is_worker_stopping():
        # Celery still takes messages for up to two seconds after the signal.
        sweep.hand_over(uuid.UUID(batch_id))
        return
    delay_seconds = turns.take_turn(uuid.UUID(batch_id), _is_worker_stopping)
    if delay_seconds is not None:
        wake.from_worker(uuid.UUID(batch_id), delay_seconds)


def _is_worker_stopping() -> bool:
    # Celery sets it to the exit code after a signal: 0 for a warm shutdown.
    return state.should_stop is not None and state.should_stop is not False
