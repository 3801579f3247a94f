"""The sweep: every worker looks for batches that have work and no worker, and enqueues them."""

import uuid
from datetime import datetime, timedelta

from django.db import Error as AnyDatabaseError
from django.utils import timezone

from batches.choices import WaitReason
from batches.models import Batch
from batches.runs import files, leases, wake
from batches.runs.outcomes import STORAGE_PAUSE
from lib.database_time import DatabaseNow

#: More batches at a time would only wait in the broker's queue.
_SWEEP_LIMIT = 500
#: A message older than this is considered lost, and the sweep sends another.
MESSAGE_LASTS = timedelta(seconds=10)


def sweep() -> int:
    """Enqueue all batches that have work and no worker; return how many."""
    try:
        batch_ids = find_stalled()
    except AnyDatabaseError:
        leases.note_outage()
        raise
    for batch_id in batch_ids:
        wake.from_worker(batch_id)
    return len(batch_ids)


def find_stalled() -> list[uuid.UUID]:
    """Return the batches to enqueue, marked so that no other sweep enqueues them as well."""
    for batch in Batch.objects.due()[:_SWEEP_LIMIT]:
        if batch.waiting_reason == WaitReason.STORAGE and not files.can_store():
            batch.touch(resume_at=timezone.now() + STORAGE_PAUSE)
        else:
            batch.end_wait()
    rows = Batch.objects.stalled(MESSAGE_LASTS).order_by("enqueued_at").values_list("pk", "enqueued_at")
    stalled = [pk for pk, enqueued_at in rows[:_SWEEP_LIMIT] if _mark_enqueued(pk, enqueued_at)]
    return stalled + list(Batch.objects.abandoned().values_list("pk", flat=True)[:_SWEEP_LIMIT])


def hand_over(batch_id: uuid.UUID) -> None:
    """Let the next sweep of any worker enqueue the batch."""
    try:
        Batch.objects.filter(pk=batch_id).update(enqueued_at=None)
    finally:
        leases.leave_database()


def _mark_enqueued(pk: uuid.UUID, enqueued_at: datetime | None) -> int:
    return Batch.objects.filter(pk=pk, enqueued_at=enqueued_at).update(enqueued_at=DatabaseNow())
