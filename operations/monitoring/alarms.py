"""Emails to operators when something begins to fail and when it ends, at most one an hour of each kind.

Run by every worker, and by `/healthz`, because without workers nobody else would notice that there is none.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone, translation
from redis.exceptions import RedisError

from accounts.models import User
from batches.ledger_check import holds_that_do_not_add_up
from batches.runs import heartbeat
from billing.credits.check import unbalanced_accounts
from billing.payments.customers import language_of
from billing.stripe import redelivery
from operations.models import Alarm
from operations.monitoring import health, queue

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
#: Shorter failures are not mailed, such as a restart of the only worker.
_LASTS = timedelta(minutes=2)
_PAUSE = timedelta(hours=1)
_LEDGER_SECONDS = 6 * 3600
_LONGEST_LAG_SECONDS = 600
_KEY, _LEDGER_KEY = "alarms", "alarms:ledger"


def check() -> None:
    """Note what fails now, and mail what has changed. One process does it, at most once a minute."""
    if not cache.add(_KEY, 1, EVERY_SECONDS - 5):
        return
    for kind, is_failing in _CHECKS.items():
        try:
            note(kind, is_failing())
        except (RedisError, OSError) as error:
            logger.warning("%s could not be checked: %s", kind, type(error).__name__)
    for alarm in Alarm.objects.exclude(is_on=F("is_mailed")):
        tell(alarm)


def check_ledger() -> None:
    """Sum up the whole ledger, which takes long: one process does it every six hours."""
    if cache.add(_LEDGER_KEY, 1, _LEDGER_SECONDS):
        note(Alarm.Kind.LEDGER, bool(unbalanced_accounts() or holds_that_do_not_add_up()))


def note(kind: Alarm.Kind, is_on: bool) -> None:
    """Record the state, and since when."""
    Alarm.objects.get_or_create(kind=kind)
    if Alarm.objects.filter(kind=kind).exclude(is_on=is_on).update(is_on=is_on, since=timezone.now()) and is_on:
        logger.error("alarm: %s", kind)


def tell(alarm: Alarm) -> bool:
    """Mail a state that has lasted, if the last email of its kind is an hour ago; return whether it was sent."""
    now = timezone.now()
    if alarm.since > now - _LASTS or (alarm.mailed_at and alarm.mailed_at > now - _PAUSE):
        return False
    # Another process may be about to mail the same.
    before = {"is_mailed": alarm.is_mailed, "mailed_at": alarm.mailed_at}
    if not Alarm.objects.filter(pk=alarm.pk, is_on=alarm.is_on, **before).update(is_mailed=alarm.is_on, mailed_at=now):
        return False
    try:
        _mail(alarm)
    except OSError:
        logger.warning("the mail server does not accept the email about %s", alarm.kind, exc_info=True)
        Alarm.objects.filter(pk=alarm.pk, mailed_at=now).update(**before)
        return False
    return True


def _mail(alarm: Alarm) -> None:
    permission = _PERMISSIONS.get(Alarm.Kind(alarm.kind), "batches.view_batch")
    for operator in User.objects.operators_with(permission):
        with translation.override(language_of(operator)):
            context = {"alarm": alarm, "label": alarm.get_kind_display(), "site_url": settings.SITE_URL}
            get_adapter().render_mail("operations/email/alarm", operator.email, context).send()


def _has_no_worker() -> bool:
    return not heartbeat.alive_workers()


def _has_no_room() -> bool:
    return health.disk() != health.OK or health.media() != health.OK


def _fails_stripe_events() -> bool:
    now = timezone.now()
    # One that has just come is not processed yet.
    failed = redelivery.failed_since(now - timedelta(days=1))
    return failed.filter(created__lt=now - timedelta(minutes=5)).exists()


def _is_late_with_webhooks() -> bool:
    return queue.webhook_lag_seconds() > _LONGEST_LAG_SECONDS


_CHECKS: dict[Alarm.Kind, Callable[[], bool]] = {
    Alarm.Kind.NO_WORKER: _has_no_worker,
    Alarm.Kind.DISK: _has_no_room,
    Alarm.Kind.STRIPE_EVENTS: _fails_stripe_events,
    Alarm.Kind.WEBHOOKS: _is_late_with_webhooks,
}
#: Who is mailed: by default everyone who may view batches.
_PERMISSIONS = {
    Alarm.Kind.LEDGER: "billing.view_ledgerentry",
    Alarm.Kind.STRIPE_EVENTS: "djstripe.view_webhookeventtrigger",
}
