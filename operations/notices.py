"""Notices on the first page of the admin: what needs an operator today. Each operator sees only what they may view."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from djstripe.models import Dispute

from accounts.models import AuditAction, AuditEntry, User
from batches.choices import RUNNABLE, BatchStatus, DeliveryStatus, DisabledReason, WaitReason
from batches.models import Batch, ImageModel, ModerationCase, WebhookDelivery, WebhookEndpoint
from batches.models.catalogue import RETIREMENT_NOTICE
from billing.models import Membership
from billing.stripe import redelivery
from operations.models import Alarm
from operations.monitoring import alarms
from privacy.models import LegalPage

_DAY = timedelta(hours=24)
#: Every few seconds workers look for batches without a worker.
_STALLED_FOR = timedelta(minutes=5)
#: Disputes that are not answered yet.
_UNANSWERED = ("needs_response", "warning_needs_response")


@dataclass(frozen=True)
class Notice:
    """A sentence and a link to a list; `detail` is an error message, if there is one."""

    label: str
    link_text: str
    url: str
    detail: str = ""


def notices_for(operator: User) -> Iterator[Notice]:
    yield from _alarms(operator)
    for permission, notices in _NOTICES.items():
        if operator.has_perm(permission):
            for find in notices:
                yield from find()


def _batches_on_hold() -> Iterator[Notice]:
    for row in Batch.objects.waiting_for_operators():
        query = {"status__exact": BatchStatus.ON_HOLD.value, "waiting_reason__exact": row["waiting_reason"]}
        text = ngettext("%(count)s batch on hold", "%(count)s batches on hold", row["count"]) % {"count": row["count"]}
        url = reverse("admin:batches_batch_changelist", query=query)
        yield Notice(str(WaitReason(row["waiting_reason"]).label), text, url, row["detail"])


def _stalled_batches() -> Iterator[Notice]:
    # A new batch that no worker has seen yet is none.
    before = timezone.now() - _STALLED_FOR
    if count := Batch.objects.stalled(_STALLED_FOR).filter(created_at__lt=before).count():
        text = ngettext("%(count)s batch", "%(count)s batches", count) % {"count": count}
        url = reverse("admin:batches_batch_changelist", query={"status__in": ",".join(RUNNABLE)})
        yield Notice(gettext("No worker has looked at batches for five minutes. Is one running?"), text, url)


def _cases_to_review() -> Iterator[Notice]:
    if count := ModerationCase.objects.filter(decision=ModerationCase.Decision.OPEN).count():
        text = ngettext("%(count)s prompt", "%(count)s prompts", count) % {"count": count}
        label = gettext("Prompts that were refused for safety reasons need a decision.")
        yield Notice(label, text, reverse("admin:batches_moderationcase_changelist"))


def _failing_webhooks() -> Iterator[Notice]:
    endpoints = WebhookEndpoint.objects.filter(disabled_reason=DisabledReason.FAILING, disabled_at__gt=_day_ago())
    if count := endpoints.count():
        text = ngettext("%(count)s endpoint", "%(count)s endpoints", count) % {"count": count}
        query = {"disabled_reason__exact": DisabledReason.FAILING.value}
        url = reverse("admin:batches_webhookendpoint_changelist", query=query)
        yield Notice(gettext("Customers’ webhooks were turned off today because all deliveries failed."), text, url)
    if count := WebhookDelivery.objects.filter(status=DeliveryStatus.FAILED, created_at__gt=_day_ago()).count():
        text = ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}
        url = reverse("admin:batches_webhookdelivery_changelist", query={"status__exact": DeliveryStatus.FAILED.value})
        yield Notice(gettext("Some of today’s messages didn’t reach customers’ servers."), text, url)


def _failed_stripe_events() -> Iterator[Notice]:
    if count := redelivery.failed_since(_day_ago()).count():
        text = ngettext("%(count)s event in 24 hours", "%(count)s events in 24 hours", count) % {"count": count}
        query = {"valid__exact": "1", "processed__exact": "0"}
        url = reverse("admin:djstripe_webhookeventtrigger_changelist", query=query)
        yield Notice(gettext("Events from Stripe could not be booked."), text, url)


def open_disputes() -> QuerySet[Dispute]:
    # Those of the test mode are never answered.
    of_this_mode = Dispute.objects.exclude(livemode=not settings.STRIPE_LIVE_MODE)
    return of_this_mode.filter(stripe_data__status__in=_UNANSWERED)


def _disputes() -> Iterator[Notice]:
    if count := open_disputes().count():
        text = ngettext("%(count)s dispute", "%(count)s disputes", count) % {"count": count}
        url = reverse("admin:billing_ledgerentry_changelist", query={"kind__exact": "dispute"})
        yield Notice(gettext("Customers dispute payments. Answer in Stripe before the deadline."), text, url)


def _paid_twice() -> Iterator[Notice]:
    if count := Membership.objects.live().exclude(other_subscriptions="").count():
        text = ngettext("%(count)s customer", "%(count)s customers", count) % {"count": count}
        url = reverse("admin:billing_membership_changelist", query={"other_subscriptions__isempty": "0"})
        yield Notice(gettext("Customers pay for two subscriptions."), text, url)


def _retiring_models() -> Iterator[Notice]:
    soon = timezone.localdate() + RETIREMENT_NOTICE
    if count := ImageModel.objects.filter(enabled=True, retires_on__lte=soon).count():
        text = ngettext("%(count)s model", "%(count)s models", count) % {"count": count}
        url = reverse("admin:batches_imagemodel_changelist")
        yield Notice(gettext("Some available models will soon be shut down by their provider."), text, url)


def _refused_requests() -> Iterator[Notice]:
    action = AuditAction.ADMIN_DENIED
    if count := AuditEntry.objects.filter(action=action, created_at__gt=_day_ago()).count():
        text = ngettext("%(count)s request in 24 hours", "%(count)s requests in 24 hours", count) % {"count": count}
        url = reverse("admin:accounts_auditentry_changelist", query={"action__exact": action.value})
        yield Notice(gettext("Someone was denied access to the admin."), text, url)


def _alarms(operator: User) -> Iterator[Notice]:
    """Show alarms to those who are mailed about them."""
    # Batches on hold and failed events of Stripe have a notice of their own, with their number.
    for alarm in alarms.lasting().exclude(kind__in=(*WaitReason, Alarm.Kind.STRIPE_EVENTS)):
        if operator.has_perm(alarms.permission_for(alarm.kind)):
            yield Notice(alarm.label, gettext("Health checks"), reverse("healthz"))


def _day_ago() -> datetime:
    return timezone.now() - _DAY


def _unwritten_pages() -> Iterator[Notice]:
    """On a public site, the legal pages that still have the template text in all languages."""
    written = LegalPage.objects.exclude(text="").values("kind")
    unwritten = LegalPage.objects.exclude(kind__in=written).values("kind").distinct().count()
    if settings.IS_PUBLIC and unwritten:
        text = ngettext("%(count)s page", "%(count)s pages", unwritten) % {"count": unwritten}
        label = gettext("Some legal pages still show the template text.")
        yield Notice(label, text, reverse("admin:privacy_legalpage_changelist"))


#: By the permission to see them, most urgent first.
_NOTICES: dict[str, tuple[Callable[[], Iterator[Notice]], ...]] = {
    "batches.change_batch": (_batches_on_hold, _stalled_batches),
    "djstripe.view_webhookeventtrigger": (_failed_stripe_events, _disputes),
    "billing.view_membership": (_paid_twice,),
    "batches.view_moderationcase": (_cases_to_review,),
    "batches.view_webhookdelivery": (_failing_webhooks,),
    "batches.change_imagemodel": (_retiring_models,),
    "privacy.change_legalpage": (_unwritten_pages,),
    "accounts.view_auditentry": (_refused_requests,),
}
