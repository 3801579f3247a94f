from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditEntry

#: Addresses without an account are useful only while an attack is investigated.
STRANGERS_DAYS = 30
_BATCH = 1_000


def delete_old() -> int:
    """Delete entries older than `AUDIT_TRAIL_DAYS`, or `STRANGERS_DAYS` without a user; return how many."""
    now = timezone.now()
    too_old = AuditEntry.objects.filter(created_at__lt=now - timedelta(days=settings.AUDIT_TRAIL_DAYS))
    strangers = AuditEntry.objects.filter(
        user=None, actor=None, created_at__lt=now - timedelta(days=min(STRANGERS_DAYS, settings.AUDIT_TRAIL_DAYS))
    )
    return sum(_delete_in_batches(entries) for entries in (too_old, strangers))


def _delete_in_batches(entries: QuerySet[AuditEntry]) -> int:
    """Delete a thousand rows per statement, so that sign-ins don't wait for a long lock."""
    count = 0
    while ids := list(entries.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        count += AuditEntry.objects.filter(pk__in=ids).delete()[0]
    return count
