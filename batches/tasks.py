"""The task engine's side of the runs: ids in, one call each, no logic."""

import uuid

from celery import shared_task

from batches import delivery, hints, recovery, runs


@shared_task(name="batches.advance")
def advance(batch_id: str) -> None:
    """Make one image of the batch, then hint at the next."""
    delay_seconds = runs.advance(uuid.UUID(batch_id))
    if delay_seconds is not None:
        hints.from_worker(uuid.UUID(batch_id), delay_seconds)


@shared_task(name="batches.sweep")
def sweep() -> None:
    """Hint at every batch that has work and nobody working on it."""
    for batch_id in recovery.sweep():
        hints.from_worker(batch_id)


@shared_task(name="batches.expire_images")
def expire_images() -> None:
    """Delete what the server need not keep any longer."""
    delivery.expire_images()
