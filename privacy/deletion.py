"""Deleting an account: requested, undone within `ACCOUNT_DELETION_DAYS`, then erased (docs/privacy.md).

The operators' “close account” uses the same functions. `User.delete_at` is set from the request until everything is
erased, `User.erased_at` from the beginning of that, when it can no longer be undone. What leaves each app is in its
`erasure` module.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

import accounts.erasure
import batches.erasure
from accounts import emails
from accounts.models import AuditAction, AuditEntry, User
from accounts.sessions.ending import sign_out_everywhere
from batches.delivery.retention import moment
from billing.models import Membership
from billing.payments import erasure
from billing.stripe.client import StripeError

logger = logging.getLogger(__name__)


def request(user: User, actor: User) -> datetime:
    """Close the account, plan its deletion, email the customer, and return when it will be deleted.

    Again changes nothing. Runs are cancelled, keys revoked, and all sessions ended; subscriptions end with their
    period. Calls Stripe: do not use it inside a transaction. If Stripe can't be reached, `erase_due` tries again.
    """
    delete_at = timezone.now() + timedelta(days=settings.ACCOUNT_DELETION_DAYS)
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, delete_at=None, erased_at=None).update(delete_at=delete_at):
            AuditEntry.objects.record(AuditAction.DELETION_REQUESTED, user, actor=actor)
            sign_out_everywhere(user)
            _email(user, "deletion_requested", delete_at=delete_at)
    user.refresh_from_db(fields=["delete_at"])
    _close(user, actor)
    try:
        erasure.end_subscriptions(user)
    except StripeError:
        logger.warning("a subscription could not be ended; it will be retried", exc_info=True)
    return user.delete_at or delete_at


def undo(user: User, actor: User) -> bool:
    """Cancel a deletion that has not begun; False if there is none.

    Cancelled runs and revoked keys stay so. Calls Stripe: do not use it inside a transaction.
    """
    with transaction.atomic():
        pending = User.objects.filter(pk=user.pk, delete_at__isnull=False, erased_at=None)
        if not pending.update(delete_at=None):
            return False
        AuditEntry.objects.record(AuditAction.DELETION_CANCELLED, user, actor=actor)
        _email(user, "deletion_cancelled")
    user.refresh_from_db(fields=["delete_at"])
    try:
        if user.is_active:
            erasure.resume_subscriptions(user)
    except StripeError:
        # It can be resumed in Stripe's portal too. The billing page shows that it ends.
        logger.exception("a subscription could not be resumed")
    return True


def erase_due(*, dry_run: bool = False) -> int:
    """Erase the accounts whose time has come, and return how many.

    Also closes again what a crash, an outage of Stripe or a request that was under way has left open in the others.
    """
    due = User.objects.filter(delete_at__lte=timezone.now())
    if dry_run:
        return due.count()
    for user in User.objects.filter(delete_at__gt=timezone.now()):
        _try(_close_again, user)
    return sum(_try(erase, user) for user in due)


def _try(act: Callable[[User], bool], user: User) -> bool:
    try:
        return act(user)
    except (StripeError, OSError) as error:
        logger.warning("account %s can't be deleted yet: %s", user.public_id, error)
    except Exception:
        # A bug that one account meets must not stop the deletion of the others.
        logger.exception("account %s can't be deleted", user.public_id)
    return False


def erase(user: User) -> bool:
    """Erase an account whose time has come; False if something is left for the next attempt.

    Every step may be repeated, so an attempt continues where an earlier one was killed. Raises `StripeError`, and
    `OSError` if the storage is not available.
    """
    due = User.objects.filter(pk=user.pk, delete_at__lte=timezone.now())
    due.filter(erased_at=None).update(erased_at=timezone.now(), is_active=False)
    if not due.exists():
        return False
    user.refresh_from_db()
    address, language = user.email, user.language
    batches.erasure.stop(user, user)
    if not batches.erasure.erase(user):
        return False
    erasure.erase(user)
    with transaction.atomic():
        accounts.erasure.anonymise(user)
        # Two workers may come here at the same time.
        if due.update(delete_at=None):
            transaction.on_commit(lambda: _send_goodbye(address, language), robust=True)
    return True


def _close(user: User, actor: User) -> None:
    accounts.erasure.revoke_keys(user, actor)
    batches.erasure.stop(user, actor)


def _close_again(user: User) -> bool:
    _close(user, user)
    if Membership.objects.live().filter(user=user, source=Membership.Source.STRIPE, cancel_at=None).exists():
        erasure.end_subscriptions(user)
    return True


def _email(user: User, template: str, *, delete_at: datetime | None = None) -> None:
    with translation.override(user.language):
        context = {"until": moment(delete_at) if delete_at else "", "url": settings.SITE_URL + reverse("privacy:index")}
    emails.send(user, f"privacy/email/{template}", **context)


def _send_goodbye(address: str, language: str) -> None:
    context = {"site_url": settings.SITE_URL}
    with translation.override(language):
        get_adapter().render_mail("privacy/email/deleted", address, context).send()
