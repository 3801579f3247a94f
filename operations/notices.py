"""Notices on the first page of the admin, only about what the operator may view."""

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


def notices_for(operator: User) -> list[Notice]:
    notices = []
    if operator.has_perm("batches.view_batch"):
        notices += _batches_on_hold()
    if operator.has_perm("billing.view_membership"):
        notices += _paid_twice()
    if operator.has_perm("accounts.view_auditentry"):
        notices += _refused_requests()
    return notices


def _batches_on_hold() -> list[Notice]:
    rows = Batch.objects.waiting_for_operators()
    return [_batch_notice(row["waiting_reason"], row["count"], row["detail"]) for row in rows]


def _batch_notice(reason: str, count: int, detail: str) -> Notice:
    query = {"status__exact": BatchStatus.ON_HOLD.value, "waiting_reason__exact": reason}
    text = ngettext("%(count)s batch on hold", "%(count)s batches on hold", count) % {"count": count}
    url = reverse("admin:batches_batch_changelist", query=query)
    return Notice(str(WaitReason(reason).label), text, url, detail)


def _paid_twice() -> list[Notice]:
    count = Membership.objects.live().exclude(other_subscriptions="").count()
    if not count:
        return []
    text = ngettext("%(count)s customer", "%(count)s customers", count) % {"count": count}
    url = reverse("admin:billing_membership_changelist", query={"other_subscriptions__isempty": "0"})
    return [Notice(gettext("Customers pay for two subscriptions."), text, url)]


def _refused_requests() -> list[Notice]:
    action = AuditAction.ADMIN_DENIED
    count = AuditEntry.objects.filter(action=action, created_at__gt=timezone.now() - _REFUSED_WITHIN).count()
    if not count:
        return []
    text = ngettext("%(count)s request in 24 hours", "%(count)s requests in 24 hours", count) % {"count": count}
    url = reverse("admin:accounts_auditentry_changelist", query={"action__exact": action.value})
    return [Notice(gettext("Someone was denied access to the admin."), text, url)]
