"""Send emails about batches once: when a run has ended, and before unsaved images are deleted.

A column of the batch says when an email is due. It is written in the transaction of the event that the email reports. A
worker claims the email by postponing that time, and clears the column when the mail server has accepted the message. If
the worker is killed before that, the email becomes due again (docs/decisions/0026).
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from batches.choices import BatchStatus
from batches.delivery import retention
from batches.emails import messages
from batches.models import Batch

logger = logging.getLogger(__name__)

#: The end of a longer run is always mailed.
LONG_RUN = timedelta(minutes=10)
#: An open tab saves the last images within this time.
FETCHED_WITHIN = timedelta(minutes=5)
#: Longer than a mail server that answers slowly may take (EMAIL_TIMEOUT).
CLAIMED_FOR = timedelta(minutes=5)
_RETRY_AFTER = timedelta(minutes=30)
_GIVE_UP_AFTER = timedelta(days=3)
_CHUNK = 100

#: The message to send now, the time to decide again, or None if there is nothing to send.
Decision = EmailMessage | datetime | None


def send_due() -> int:
    count = 0
    for column, decide in (("end_mail_at", _about_end), ("expiry_mail_at", _about_expiry)):
        for batch in _claimed(column):
            count += _settle(batch, column, decide)
    return count


def _claimed(column: str) -> Iterator[Batch]:
    now = timezone.now()
    for batch in Batch.objects.filter(**{f"{column}__lte": now}).select_related("user").order_by(column)[:_CHUNK]:
        until = timezone.now() + CLAIMED_FOR
        if _move(batch, column, until):
            yield batch


@transaction.atomic
def _move(batch: Batch, column: str, time: datetime | None) -> bool:
    """Change when the email is due; False if another worker or a retry of the batch has changed it meanwhile."""
    # An update that looks for the old time would lock the column's index before the row. A retry locks the row first.
    row = Batch.objects.filter(pk=batch.pk)
    is_unchanged = list(row.select_for_update().values_list(column, flat=True)) == [getattr(batch, column)]
    if is_unchanged:
        row.update(**{column: time})
    setattr(batch, column, time)
    return is_unchanged


def _settle(batch: Batch, column: str, decide: Callable[[Batch, datetime], Decision]) -> bool:
    now = timezone.now()
    decision = decide(batch, now) if _may_mail(batch) else None
    is_sent = False
    if isinstance(decision, EmailMessage):
        try:
            decision.send()
            is_sent, decision = True, None
        except OSError:
            logger.warning("batch %s: the mail server does not accept the email", batch.pk, exc_info=True)
            decision = now + _RETRY_AFTER
    _move(batch, column, decision)
    return is_sent


def _may_mail(batch: Batch) -> bool:
    # Programs poll their batches, and download images without confirming them.
    return batch.user.wants_batch_mails and batch.user.is_active and batch.deleted_at is None and not batch.api_key_id


def _about_end(batch: Batch, now: datetime) -> Decision:
    if batch.status != BatchStatus.FINISHED or batch.finished_at is None or now > batch.finished_at + _GIVE_UP_AFTER:
        return None
    images = retention.of(batch)
    if batch.finished_at - batch.run_began_at() < LONG_RUN:
        looks_at = batch.finished_at + FETCHED_WITHIN
        if now < looks_at:
            return looks_at
        if not images.unsaved_count:
            return None
    return messages.run_ended(batch, images)


def _about_expiry(batch: Batch, now: datetime) -> Decision:
    images = retention.of(batch)
    if not images.unsaved_count or images.until is None:
        return None
    warns_at = retention.warn_at(images.until)
    return warns_at if warns_at > now else messages.images_go(batch, images)
