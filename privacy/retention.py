"""Deletes what has been stored for long enough. docs/privacy.md has the table of all times."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.audit import retention as trail
from accounts.keys import idempotency
from batches import lifecycle
from batches.choices import OPEN_BATCH
from batches.delivery import storage
from batches.models import Batch, Reference
from batches.references import uploads
from batches.webhooks import sender
from billing.stripe import reconcile
from privacy import deletion

logger = logging.getLogger(__name__)


def delete_expired(*, dry_run: bool = False) -> dict[str, int]:
    """Delete everything whose time is over, and return how much of each kind. Workers do the same in the background."""
    counts = {
        "accounts": deletion.erase_due(dry_run=dry_run),
        "batches": delete_old_batches(dry_run=dry_run),
        "images": storage.expire_images(dry_run=dry_run),
        "unused reference photos": _delete_photos(dry_run=dry_run),
    }
    for name, delete in _ROWS.items():
        with transaction.atomic():
            counts[name] = delete()
            transaction.set_rollback(dry_run)
    return counts


def delete_scheduled() -> None:
    """Delete what no other periodic job deletes."""
    delete_old_batches()
    _delete_sessions()
    _delete_admin_log()


def delete_old_batches(*, dry_run: bool = False) -> int:
    """Delete the batches that ended more than `PROMPT_RETENTION_DAYS` ago; none if that is 0."""
    if not settings.PROMPT_RETENTION_DAYS:
        return 0
    ended = Batch.objects.filter(deleted_at=None, finished_at__lt=_days_ago(settings.PROMPT_RETENTION_DAYS))
    old = ended.exclude(status__in=OPEN_BATCH).select_related("user")
    if dry_run:
        return old.count()
    return sum(map(_try_to_delete, old.iterator()))


def _try_to_delete(batch: Batch) -> bool:
    try:
        lifecycle.delete(batch, batch.user)
    except Exception:
        # A bug that one batch meets must not stop the deletion of the others.
        logger.exception("batch %s can't be deleted", batch.pk)
        return False
    return True


def _delete_photos(*, dry_run: bool) -> int:
    count = Reference.objects.unused().filter(created_at__lt=timezone.now() - uploads.UNUSED_FOR).count()
    if not dry_run:
        uploads.delete_unused()
    return count


def _delete_sessions() -> int:
    """Delete expired sessions, with their browser and IP address in allauth's list."""
    UserSession.objects.filter(last_seen_at__lt=_days_ago(settings.SESSION_IDLE_DAYS)).delete()
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def _delete_admin_log() -> int:
    return LogEntry.objects.filter(action_time__lt=_days_ago(settings.AUDIT_TRAIL_DAYS)).delete()[0]


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


#: What only deletes rows, so that a dry run can be rolled back.
_ROWS: dict[str, Callable[[], int]] = {
    "webhook messages": sender.purge,
    "answers to programs": idempotency.delete_expired,
    "entries of the security trail": trail.delete_old,
    "deliveries of Stripe": reconcile.prune_deliveries,
    "sessions": _delete_sessions,
    "entries of the admin's log": _delete_admin_log,
}
