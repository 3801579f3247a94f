"""The verbs on credits. Each runs inside the caller's transaction, or in one of its own.

The account's row is locked before its holds, grants and ledger are read or changed, so that two
verbs on one customer's credits run one after the other and cannot deadlock.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing.models import CreditAccount, CreditGrant, Hold, LedgerEntry
from billing.refusals import NegativeBalance, NotEnoughCredits


class LedgerError(Exception):
    """A movement that the holds do not cover: a bug, never a customer's fault."""


def account_of(user: User) -> CreditAccount:
    """Return the user's credit account, ended grants expired; the first call opens it with the free credits."""
    account = CreditAccount.objects.filter(user=user).first() or _open_account(user)
    if account.grants.ended(timezone.now()).exists() and expire_ended(account):
        account.refresh_from_db()
    return account


def locked_account_of(user: User) -> CreditAccount:
    """Return the same, locked until the caller's transaction ends: for what must be counted and done as one."""
    account = CreditAccount.objects.filter(user=user).first() or _open_account(user)
    expire_ended(account)
    return _lock(account.pk)


def _open_account(user: User) -> CreditAccount:
    with transaction.atomic():
        account, _ = CreditAccount.objects.get_or_create(user=user)
        if settings.FREE_CREDITS:
            grant(account, settings.FREE_CREDITS, origin=CreditGrant.Origin.FREE, key=f"free:{user.pk}")
    account.refresh_from_db()
    return account


def _lock(account_id: int) -> CreditAccount:
    return CreditAccount.objects.select_for_update().get(pk=account_id)


@transaction.atomic
def grant(
    account: CreditAccount,
    amount: int,
    *,
    origin: str,
    key: str,
    kind: str = "",
    note: str = "",
    expires_at: datetime | None = None,
    payment_intent: str = "",
    invoice: str = "",
) -> bool:
    """Give `amount` credits under `key`; False if that key was booked before.

    What the customer owes is settled first. Credits with `expires_at` end then, except what is held.
    The ledger shows them as what they came from, or as `kind`: credits may come back after a dispute.
    """
    if amount <= 0:
        raise ValueError("a grant gives credits; to take some, use `take`")
    owed = max(0, -_lock(account.pk).balance)
    if _is_booked(key):
        return False
    new = CreditGrant.objects.create(
        account=account,
        origin=origin,
        amount=amount,
        remaining=max(0, amount - owed),
        expires_at=expires_at,
        key=key,
        note=note,
        payment_intent=payment_intent,
        invoice=invoice,
    )
    _book(account.pk, amount, kind=kind or origin, key=key, note=note, grant=new)
    return True


@transaction.atomic
def take(
    account: CreditAccount, amount: int, *, kind: str, key: str, note: str = "", first_from: CreditGrant | None = None
) -> bool:
    """Take `amount` credits back under `key`, `first_from` one grant; False if that key was booked before.

    For refunds, disputes and corrections: where too few remain, the balance goes below zero.
    """
    if amount <= 0:
        raise ValueError("name the credits to take as a positive number")
    _lock(account.pk)
    if _is_booked(key):
        return False
    _book(account.pk, -amount, kind=kind, key=key, note=note, grant=first_from)
    _spend(account.pk, amount, first_from=first_from)
    return True


def _is_booked(key: str) -> bool:
    # Under the account's lock nobody else can be booking it; that the key is unique guards the rest.
    return LedgerEntry.objects.filter(key=key).exists()


def grant_by_operator(user: User, amount: int, note: str, *, submission_key: uuid.UUID | None = None) -> bool:
    """Give (or with a negative amount take) credits with a reason that the customer can read.

    False if the form with that `submission_key` was booked for this user before.
    """
    account, key = account_of(user), f"operator:{submission_key or uuid.uuid4()}:{user.pk}"
    if amount < 0:
        return take(account, -amount, kind=LedgerEntry.Kind.OPERATOR, key=key, note=note)
    return grant(account, amount, origin=CreditGrant.Origin.OPERATOR, key=key, note=note)


@transaction.atomic
def hold(user: User, credits: int, *, key: str) -> Hold:
    """Set `credits` aside under `key`, adding to what that hold has already.

    Raises `NotEnoughCredits` when the balance without other holds is smaller (`NegativeBalance`
    when it is below zero), and then nothing is changed.
    """
    account = locked_account_of(user)
    if account.balance < 0:
        raise NegativeBalance(credits, account.balance)
    if account.left < credits:
        raise NotEnoughCredits(credits, account.left)
    CreditAccount.objects.filter(pk=account.pk).update(held=F("held") + credits)
    held, _ = Hold.objects.get_or_create(key=key, defaults={"account": account})
    Hold.objects.filter(pk=held.pk).update(credits=F("credits") + credits)
    return held


def release(hold: Hold, credits: int) -> None:
    """Give `credits` of a hold back to the balance; raises `LedgerError` if it has fewer."""
    if credits:
        with transaction.atomic(savepoint=False):
            _take_from_hold(hold, credits, charged=0)


def capture(hold: Hold, credits: int, *, key: str, note: str = "") -> LedgerEntry:
    """Turn `credits` of a hold into a charge booked under `key`, spent from the grants that end soonest.

    Raises `LedgerError` if the hold has fewer, and `IntegrityError` if `key` was charged before;
    the caller's transaction is then rolled back as a whole.
    """
    with transaction.atomic(savepoint=False):
        _take_from_hold(hold, credits, charged=credits)
        _spend(hold.account_id, credits)
        return LedgerEntry.objects.create(
            account_id=hold.account_id, kind=LedgerEntry.Kind.IMAGE, amount=-credits, key=key, note=note
        )


def forget_words(account_id: int, keys: Iterable[str]) -> None:
    """Take the notes off these entries of an account: the customer has thrown away what they tell of."""
    LedgerEntry.objects.filter(account=account_id, key__in=list(keys)).update(note="")


def _take_from_hold(hold: Hold, credits: int, *, charged: int) -> None:
    account = CreditAccount.objects.filter(pk=hold.account_id, held__gte=credits)
    if not account.update(held=F("held") - credits, balance=F("balance") - charged):
        raise LedgerError(f"account {hold.account_id} holds fewer than {credits} credits")
    if not Hold.objects.filter(pk=hold.pk, credits__gte=credits).update(credits=F("credits") - credits):
        raise LedgerError(f"hold {hold.pk} has fewer than {credits} credits")


@transaction.atomic
def expire_ended(account: CreditAccount) -> int:
    """Book what remains of the grants whose day has come, and return how many credits that was.

    Held credits are not touched: a batch that was accepted is finished with what was there when it
    started. They are taken to be those that end soonest, as they will be spent. What is released
    later expires with the next call.
    """
    needed, now, expired = _lock(account.pk).held, timezone.now(), 0
    for ended in account.grants.ended(now).in_spending_order():
        kept = min(needed, ended.remaining)
        needed -= kept
        if kept < ended.remaining:
            expired += _expire(ended, kept)
    return expired


def _expire(ended: CreditGrant, kept: int) -> int:
    amount = ended.remaining - kept
    CreditGrant.objects.filter(pk=ended.pk).update(remaining=kept)
    # A grant expires in parts when some of it was held, each part with less kept than the one before.
    key = f"expire:{ended.pk}:{kept}" if kept else f"expire:{ended.pk}"
    _book(ended.account_id, -amount, kind=LedgerEntry.Kind.EXPIRY, key=key, note=ended.note, grant=ended)
    return amount


def _book(account_id: int, amount: int, *, kind: str, key: str, note: str, grant: CreditGrant | None) -> None:
    LedgerEntry.objects.create(account_id=account_id, kind=kind, amount=amount, key=key, note=note, grant=grant)
    CreditAccount.objects.filter(pk=account_id).update(balance=F("balance") + amount)


def _spend(account_id: int, amount: int, *, first_from: CreditGrant | None = None) -> None:
    """Take `amount` from what remains, soonest to end first; the account is locked. What lacks is owed."""
    unspent = list(CreditGrant.objects.filter(account=account_id).unspent().in_spending_order().only("remaining"))
    if first_from:
        unspent.sort(key=lambda source: source.pk != first_from.pk)
    used = []
    for source in unspent:
        if not amount:
            break
        part = min(amount, source.remaining)
        source.remaining -= part
        amount -= part
        used.append(source)
    CreditGrant.objects.bulk_update(used, ["remaining"])
