"""Suspending an account: it can't be used until an operator lifts the suspension."""

from django.db import transaction

from accounts import emails
from accounts.models import AuditAction, AuditEntry, User
from accounts.sessions.ending import sign_out_everywhere
from batches import lifecycle
from batches.choices import RUNNABLE
from batches.models import Batch
from billing.payments import erasure


def suspend(user: User, *, actor: User, reason: str) -> bool:
    """Refuse the user's sign-in and keys, pause their runs, and let their subscriptions end with the paid period.

    False if the account was not active. Raises `StripeError` if only the subscriptions could not be ended.
    Calls Stripe: do not use it inside a transaction.
    """
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return False
        user.is_active = False
        sign_out_everywhere(user)
        AuditEntry.objects.record(AuditAction.SUSPENDED, user, actor=actor, note=reason)
        emails.send(user, "operations/email/suspended", reason=reason)
    # After the commit, because whoever pauses a batch locks the batch before the user. Workers pause what is left.
    for batch in Batch.objects.filter(user=user, status__in=RUNNABLE):
        lifecycle.pause(batch, actor)
    erasure.end_subscriptions(user)
    return True


def lift(user: User, *, actor: User) -> bool:
    """Undo `suspend`, except that runs stay paused until the customer resumes them; False if it is not suspended.

    Raises `StripeError` if only a subscription that has not ended yet could not be resumed. Calls Stripe: do not use
    it inside a transaction.
    """
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=False, erased_at=None).update(is_active=True):
            return False
        user.is_active = True
        AuditEntry.objects.record(AuditAction.REINSTATED, user, actor=actor)
        emails.send(user, "operations/email/suspension_lifted")
    if not user.delete_at:
        erasure.resume_subscriptions(user)
    return True


def last_suspension(user: User) -> AuditEntry | None:
    """Return when, by whom and why a suspended account was suspended; None for others, or long after."""
    if user.is_active:
        return None
    return user.audit_entries.filter(action=AuditAction.SUSPENDED).select_related("actor").first()
