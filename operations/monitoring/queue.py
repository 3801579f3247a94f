"""What waits: prompts for a worker, and webhook messages for their next attempt."""

from datetime import datetime

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from batches.choices import RUNNABLE
from batches.models import Batch, BatchEvent, WebhookDelivery


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


def pending_deliveries() -> QuerySet[WebhookDelivery]:
    """Return the messages for customers' servers that will be attempted, now or later."""
    enabled = Q(endpoint=None) | Q(endpoint__disabled_at=None)
    return WebhookDelivery.objects.filter(enabled, next_attempt_at__isnull=False)


def webhook_lag_seconds() -> float:
    """Return how late the oldest attempt is that should have been made by now."""
    now = timezone.now()
    due_at: datetime | None = WebhookDelivery.objects.due(now).order_by().aggregate(at=Min("next_attempt_at"))["at"]
    return (now - due_at).total_seconds() if due_at else 0.0
