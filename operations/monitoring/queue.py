"""How long the batches wait for a worker."""

from datetime import datetime

from django.db.models import F, Min, OuterRef, Subquery, Sum
from django.utils import timezone

from batches.choices import RUNNABLE
from batches.models import Batch, BatchEvent


def depth() -> int:
    """Return how many prompts wait in batches that may run."""
    open_count = F("total") - F("ready_count") - F("failed_count") - F("cancelled_count")
    count: int = Batch.objects.filter(status__in=RUNNABLE).aggregate(count=Sum(open_count, default=0))["count"]
    return count


def oldest_wait_seconds() -> float:
    """Return for how long nothing has happened to the batch that has waited longest for a worker."""
    # By id, which has an index for each batch.
    last_move = BatchEvent.objects.filter(batch=OuterRef("pk")).order_by("-id").values("created_at")[:1]
    waiting = Batch.objects.runnable().annotate(moved_at=Subquery(last_move))
    moved_at: datetime | None = waiting.aggregate(oldest=Min("moved_at"))["oldest"]
    return max(0.0, (timezone.now() - moved_at).total_seconds()) if moved_at else 0.0
