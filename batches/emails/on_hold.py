"""Emails to operators when batches begin to wait for them, once for each beginning of a reason.

What was sent is in the cache. If that entry is lost, the operators get the email again.
"""

import logging
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.emails.due import CLAIMED_FOR
from batches.models import Batch
from billing.payments import customers

logger = logging.getLogger(__name__)

#: Batches on hold for these reasons retry automatically, so the reason may last although none is on hold just now.
_TRIED_AGAIN = {WaitReason.UPSTREAM_DOWN, WaitReason.STORAGE}
_OVER_AFTER_SECONDS = 3600.0


def send_on_hold() -> int:
    """Email the operators about each new reason, and return how many emails were sent. Safe in several workers."""
    waiting = {row["waiting_reason"]: row for row in Batch.objects.waiting_for_operators()}
    cache.delete_many([_key(reason) for reason in set(WaitReason) - set(waiting) - _TRIED_AGAIN])
    return sum(_send_once(row) for row in waiting.values())


def _send_once(row: dict[str, Any]) -> int:
    key = _key(row["waiting_reason"])
    # If the worker is killed before the email is sent, the claim ends.
    if not cache.add(key, "claimed", timeout=CLAIMED_FOR.total_seconds()):
        if cache.get(key) == "sent":
            cache.touch(key, _OVER_AFTER_SECONDS)
        return 0
    logger.error("batches are on hold: %s", row["waiting_reason"])
    operators = User.objects.operators_with("batches.change_batch")
    count = sum(_is_sent(_message(operator, row)) for operator in operators)
    if count:
        cache.set(key, "sent", timeout=_OVER_AFTER_SECONDS)
    return count


def _key(reason: str) -> str:
    return f"on-hold-mailed:{reason}"


def _is_sent(message: EmailMessage) -> bool:
    try:
        return bool(message.send())
    except OSError:
        logger.warning("the mail server does not accept the email to an operator", exc_info=True)
        return False


def _message(operator: User, row: dict[str, Any]) -> EmailMessage:
    query = {"status__exact": BatchStatus.ON_HOLD.value, "waiting_reason__exact": row["waiting_reason"]}
    with translation.override(customers.language_of(operator)):
        context = {
            **row,
            "reason": WaitReason(row["waiting_reason"]).label,
            "is_tried_again": row["waiting_reason"] in _TRIED_AGAIN,
            "batches_url": settings.SITE_URL + reverse("admin:batches_batch_changelist", query=query),
            "site_url": settings.SITE_URL,
        }
        subject = render_to_string("batches/email/on_hold_subject.txt", context).strip()
        text = render_to_string("batches/email/on_hold_message.txt", context)
    return EmailMessage(subject, text, None, [operator.email], headers={"Auto-Submitted": "auto-generated"})
