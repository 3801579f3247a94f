"""The task engine's side of the runs: ids in, one call each, no logic."""

import uuid

from celery import shared_task

from batches import hints, runs


@shared_task(name="batches.advance")
def advance(batch_id: str) -> None:
    """Make one image of the batch, then hint at the next."""
    delay_seconds = runs.advance(uuid.UUID(batch_id))
    if delay_seconds is not None:
        hints.from_worker(uuid.UUID(batch_id), delay_seconds)
