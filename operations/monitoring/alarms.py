"""Emails to operators when something begins to fail and when it ends.

Checked by every worker, and by `/healthz`, because without a worker nothing else would notice.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from redis.exceptions import RedisError

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch
from batches.runs import heartbeat
from billing.credits.check import unbalanced_accounts
from billing.stripe import redelivery
from operations.models import Alarm
from operations.monitoring import clocks, health, queue

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
#: Shorter failures are neither logged nor mailed, such as a restart of the only worker.
_LASTS = timedelta(minutes=2)
#: Batches on hold for these reasons try again by themselves: for some minutes they are not on hold.
_OVER_AFTER: dict[str, timedelta] = {
    WaitReason.UPSTREAM_DOWN: timedelta(minutes=30),
    WaitReason.STORAGE: timedelta(minutes=10),
}
#: Between two emails about the beginning of the same alarm.
_PAUSE = timedelta(hours=1)
_LEDGER_SECONDS = 6 * 3600
_LONGEST_LAG_SECONDS = 600
_KEY, _LEDGER_KEY = "alarms", "alarms:ledger"


def check() -> None:
    """Record what fails now, and mail what has changed. One process does it, at most once a minute."""
    if not cache.add(_KEY, 1, EVERY_SECONDS - 5):
        return
    for kind, is_failing in _CHECKS.items():
        try:
            note(kind, is_failing())
        except (RedisError, OSError) as error:
            logger.warning("%s could not be checked: %s", kind, type(error).__name__)
    on_hold = {row["waiting_reason"] for row in Batch.objects.waiting_for_operators()}
    for reason in set(WaitReason) - {WaitReason.DAILY_LIMIT}:
        note(reason, reason in on_hold)
    for alarm in Alarm.objects.exclude(is_on=F("is_mailed")):
        report(alarm)


def check_ledger() -> None:
    """Sum up the whole ledger, which takes long: one process does it every six hours."""
    if cache.add(_LEDGER_KEY, 1, _LEDGER_SECONDS):
        note(Alarm.Kind.LEDGER, bool(unbalanced_accounts() or holds_that_do_not_add_up()))


def note(kind: Alarm.Kind | WaitReason, is_on: bool) -> None:
    Alarm.objects.get_or_create(kind=kind)
    Alarm.objects.filter(kind=kind).exclude(is_on=is_on).update(is_on=is_on, since=timezone.now())


def lasting() -> QuerySet[Alarm]:
    return Alarm.objects.filter(is_on=True, since__lte=timezone.now() - _LASTS)


def report(alarm: Alarm) -> bool:
    """Log and mail a change that has lasted; return whether the email was sent."""
    now = timezone.now()
    lasts = _LASTS if alarm.is_on else _OVER_AFTER.get(alarm.kind, _LASTS)
    if alarm.since > now - lasts or (alarm.is_on and alarm.mailed_at and alarm.mailed_at > now - _PAUSE):
        return False
    # Another process may be about to mail the same.
    before = {"is_mailed": alarm.is_mailed, "mailed_at": alarm.mailed_at}
    if not Alarm.objects.filter(pk=alarm.pk, is_on=alarm.is_on, **before).update(is_mailed=alarm.is_on, mailed_at=now):
        return False
    logger.log(*((logging.ERROR, "alarm: %s") if alarm.is_on else (logging.WARNING, "alarm is over: %s")), alarm.kind)
    try:
        _mail(alarm)
    except OSError:
        logger.warning("the mail server does not accept the email about %s", alarm.kind, exc_info=True)
        Alarm.objects.filter(pk=alarm.pk, mailed_at=now).update(**before)
        return False
    return True


def _mail(alarm: Alarm) -> None:
    on_hold = _batches_on_hold(alarm.kind) if alarm.kind in WaitReason else {}
    for operator in User.objects.operators_with(permission_for(alarm.kind)):
        with translation.override(operator.language):
            context = {"alarm": alarm, "site_url": settings.SITE_URL, "on_hold": on_hold}
            get_adapter().render_mail("operations/email/alarm", operator.email, context).send()


def permission_for(kind: str) -> str:
    """Return the permission of the operators who are emailed about the alarm."""
    if kind in WaitReason:
        return "batches.change_batch"
    return _PERMISSIONS.get(Alarm.Kind(kind), "batches.view_batch")


def _batches_on_hold(reason: str) -> dict[str, Any]:
    rows = {row["waiting_reason"]: row for row in Batch.objects.waiting_for_operators()}
    query = {"status__exact": BatchStatus.ON_HOLD.value, "waiting_reason__exact": reason}
    url = settings.SITE_URL + reverse("admin:batches_batch_changelist", query=query)
    return {"url": url, "is_tried_again": reason in _OVER_AFTER, **rows.get(reason, {})}


def _fails_stripe_events() -> bool:
    now = timezone.now()
    # An event that has just arrived may not be processed yet.
    failed = redelivery.failed_since(now - timedelta(days=1))
    return failed.filter(created__lt=now - timedelta(minutes=5)).exists()


_CHECKS: dict[Alarm.Kind, Callable[[], bool]] = {
    Alarm.Kind.NO_WORKER: lambda: not heartbeat.alive_workers(),
    Alarm.Kind.DISK: lambda: health.disk() != health.OK or health.media() != health.OK,
    Alarm.Kind.STRIPE_EVENTS: _fails_stripe_events,
    Alarm.Kind.WEBHOOKS: lambda: queue.webhook_lag_seconds() > _LONGEST_LAG_SECONDS,
    Alarm.Kind.CLOCK: lambda: bool(clocks.wrong_workers()),
}
_PERMISSIONS = {
    Alarm.Kind.LEDGER: "billing.view_ledgerentry",
    Alarm.Kind.STRIPE_EVENTS: "djstripe.view_webhookeventtrigger",
}
