"""The verbs on credits. Each runs inside the caller's transaction, or in one of its own.

What touches one hold also holds its batch's lock, so the order of hold and account does not matter.
"""

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from billing.models import CreditAccount, Hold, LedgerEntry


class NotEnoughCredits(Exception):
    """A hold asked for more credits than are left."""

    def __init__(self, needed: int, left: int) -> None:
        super().__init__(f"{needed} credits needed, {left} left")
        self.needed = needed
        self.left = left


class LedgerError(Exception):
    """A movement that the holds do not cover: a bug, never a customer's fault."""


def account_of(user: User) -> CreditAccount:
    """Return the user's credit account; the first call opens it with the free credits."""
    account = CreditAccount.objects.filter(user=user).first()
    return account or _open_account(user)


def _open_account(user: User) -> CreditAccount:
    with transaction.atomic():
        account, _ = CreditAccount.objects.get_or_create(user=user)
        if settings.FREE_CREDITS:
            grant(account, settings.FREE_CREDITS, kind=LedgerEntry.Kind.FREE, key=f"free:{user.pk}")
    account.refresh_from_db()
    return account


def grant(account: CreditAccount, amount: int, *, kind: str, key: str, note: str = "") -> bool:
    """Book `amount` credits (negative takes them) under `key`; False if that key was booked before."""
    try:
        with transaction.atomic():
            # The account first: a row that refers to it would share its lock with other such rows, and deadlock.
            CreditAccount.objects.filter(pk=account.pk).update(balance=F("balance") + amount)
            LedgerEntry.objects.create(account=account, kind=kind, amount=amount, key=key, note=note)
    except IntegrityError:
        return False
    return True


def grant_by_operator(user: User, amount: int, note: str, *, submission_key: uuid.UUID | None = None) -> bool:
    """Give (or with a negative amount take) credits with a reason that the customer can read.

    False if the form with that `submission_key` was booked for this user before.
    """
    key = f"operator:{submission_key or uuid.uuid4()}:{user.pk}"
    return grant(account_of(user), amount, kind=LedgerEntry.Kind.OPERATOR, key=key, note=note)


@transaction.atomic
def hold(user: User, credits: int, *, key: str) -> Hold:
    """Set `credits` aside under `key`, adding to what that hold has already.

    Raises `NotEnoughCredits` when the balance without other holds is smaller; the check and
    the booking are one statement, so two batches cannot take the same credits.
    """
    account = account_of(user)
    enough = CreditAccount.objects.filter(pk=account.pk, balance__gte=F("held") + credits)
    if not enough.update(held=F("held") + credits):
        account.refresh_from_db()
        raise NotEnoughCredits(credits, account.left)
    held, _ = Hold.objects.get_or_create(key=key, defaults={"account": account})
    Hold.objects.filter(pk=held.pk).update(credits=F("credits") + credits)
    return held


def release(hold: Hold, credits: int) -> None:
    """Give `credits` of a hold back to the balance; raises `LedgerError` if it has fewer."""
    if credits:
        with transaction.atomic(savepoint=False):
            _take_from_hold(hold, credits, charged=0)


def capture(hold: Hold, credits: int, *, key: str, note: str = "") -> LedgerEntry:
    """Turn `credits` of a hold into a charge booked under `key`.

    Raises `LedgerError` if the hold has fewer, and `IntegrityError` if `key` was charged before;
    the caller's transaction is then rolled back as a whole.
    """
    with transaction.atomic(savepoint=False):
        _take_from_hold(hold, credits, charged=credits)
        return LedgerEntry.objects.create(
            account_id=hold.account_id, kind=LedgerEntry.Kind.IMAGE, amount=-credits, key=key, note=note
        )


def _take_from_hold(hold: Hold, credits: int, *, charged: int) -> None:
    if not Hold.objects.filter(pk=hold.pk, credits__gte=credits).update(credits=F("credits") - credits):
        raise LedgerError(f"hold {hold.pk} has fewer than {credits} credits")
    CreditAccount.objects.filter(pk=hold.account_id).update(held=F("held") - credits, balance=F("balance") - charged)
