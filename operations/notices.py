"""Notices on the first page of the admin, only about what the operator may view."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts.models import AuditAction, AuditEntry, User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch
from billing.models import Membership

_REFUSED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Notice:
    """A sentence and a link to the list that it is about; `detail` is a message from elsewhere."""

    label: str
    link_text: str
    url: str
    detail: str = ""


def notices_for(operator: User) -> Iterator[Notice]:
    if operator.has_perm("batches.view_batch"):
        yield from _batches_on_hold()
    if operator.has_perm("billing.view_membership"):
        yield from _paid_twice()
    if operator.has_perm("accounts.view_auditentry"):
        yield from _refused_requests()


def _batches_on_hold() -> Iterator[Notice]:
    for row in Batch.objects.waiting_for_operators():
        query = {"status__exact": BatchStatus.ON_HOLD.value, "waiting_reason__exact": row["waiting_reason"]}
        text = ngettext("%(count)s batch on hold", "%(count)s batches on hold", row["count"]) % {"count": row["count"]}
        url = reverse("admin:batches_batch_changelist", query=query)
        yield Notice(str(WaitReason(row["waiting_reason"]).label), text, url, row["detail"])


def _paid_twice() -> Iterator[Notice]:
    if count := Membership.objects.live().exclude(other_subscriptions="").count():
        text = ngettext("%(count)s customer", "%(count)s customers", count) % {"count": count}
        url = reverse("admin:billing_membership_changelist", query={"other_subscriptions__isempty": "0"})
        yield Notice(gettext("Customers pay for two subscriptions."), text, url)


def _refused_requests() -> Iterator[Notice]:
    since, action = timezone.now() - _REFUSED_WITHIN, AuditAction.ADMIN_DENIED
    if count := AuditEntry.objects.filter(action=action, created_at__gt=since).count():
        text = ngettext("%(count)s request in 24 hours", "%(count)s requests in 24 hours", count) % {"count": count}
        url = reverse("admin:accounts_auditentry_changelist", query={"action__exact": action.value})
        yield Notice(gettext("Someone was denied access to the admin."), text, url)
