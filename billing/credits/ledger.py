"""The verbs on credits. Each runs inside the caller's transaction, or in one of its own.

The account's row is locked before its holds, grants and ledger are read or changed. So two operations on one
customer's credits run one after the other and cannot deadlock.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone

from accounts.models import User
from billing.models import CreditAccount, CreditGrant, Hold, LedgerEntry, Membership
from billing.months import LONGEST_MONTH, SHORTEST_MONTH
from billing.refusals import NegativeBalance, NotEnoughCredits

#: Clocks of two machines differ by seconds.
_TOLERANCE = timedelta(hours=1)


class LedgerError(Exception):
    """The holds do not cover a movement. This is a bug, never the customer's mistake."""


def account_of(user: User) -> CreditAccount:
    """Return the user's account, with ended grants expired. The first call opens it with the free credits."""
    ended = CreditGrant.objects.ended(timezone.now()).filter(account=OuterRef("pk"))
    account = CreditAccount.objects.annotate(has_ended_grants=Exists(ended)).filter(user=user).first()
    if account is None:
        return _open_account(user)
    if account.has_ended_grants and expire_ended(account):
        account.refresh_from_db()
    return account


def locked_account_of(user: User) -> CreditAccount:
    """Like `account_of`, but locked until the caller's transaction ends, to count and change in one step."""
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
    account: CreditAccount, amount: int, *, origin: str, key: str, kind: str = "", note: str = "", **facts: Any
) -> bool:
    """Give `amount` credits under `key`; False if that key was booked before. `facts` are further fields of the grant.

    Credits that the customer owes are settled first. The ledger shows `kind` if given, else `origin`: credits may come
    back after a dispute.
    """
    if amount <= 0:
        raise ValueError("amount must be positive; use `take` to take credits")
    owed = max(0, -_lock(account.pk).balance)
    if _is_booked(key):
        return False
    fields = {"account": account, "amount": amount, "origin": origin, "key": key, "note": note, **facts}
    new = CreditGrant.objects.create(remaining=max(0, amount - owed), **fields)
    _book(account.pk, amount, kind=kind or origin, key=key, note=note, grant=new)
    return True


@transaction.atomic
def grant_month(account: CreditAccount, amount: int, **terms: Any) -> bool:
    """Give a month's credits of a plan, which replace what remains of the months before; False as `grant`.

    What was replaced expires with the next call of `expire_ended`.
    """
    if not grant(account, amount, origin=CreditGrant.Origin.PLAN, **terms):
        return False
    now, months = timezone.now(), account.grants.filter(origin=CreditGrant.Origin.PLAN)
    latest = months.filter(expires_at__gt=now + LONGEST_MONTH + _TOLERANCE).aggregate(end=Max("expires_at"))["end"]
    if latest:
        # It begins in the future: one of Stripe's test clocks is ahead of ours, and there the months before are over.
        months.filter(expires_at__gt=now, expires_at__lte=latest - SHORTEST_MONTH).update(expires_at=now)
    return True


@transaction.atomic
def take(
    account: CreditAccount, amount: int, *, kind: str, key: str, note: str = "", first_from: CreditGrant | None = None
) -> bool:
    """Take `amount` credits back under `key`, from `first_from` first; False if that key was booked before.

    For refunds, disputes and corrections. If too few credits remain, the balance goes below zero.
    """
    if amount <= 0:
        raise ValueError("amount must be positive")
    _lock(account.pk)
    if _is_booked(key):
        return False
    _book(account.pk, -amount, kind=kind, key=key, note=note, grant=first_from)
    _spend(account.pk, amount, first_from=first_from)
    return True


def _is_booked(key: str) -> bool:
    # The account's lock prevents a race; the unique constraint on the key is the second guard.
    return LedgerEntry.objects.filter(key=key).exists()


def grant_by_operator(user: User, amount: int, note: str, *, submission_key: uuid.UUID | None = None) -> bool:
    """Give credits, or take them if `amount` is negative. The customer can read the note.

    False if the form with that `submission_key` was booked for this user before.
    """
    account, key = account_of(user), f"operator:{submission_key or uuid.uuid4()}:{user.pk}"
    if amount < 0:
        return take(account, -amount, kind=LedgerEntry.Kind.OPERATOR, key=key, note=note)
    return grant(account, amount, origin=CreditGrant.Origin.OPERATOR, key=key, note=note)


@transaction.atomic
def hold(user: User, credits: int, *, key: str) -> Hold:
    """Hold `credits` under `key`, in addition to what that hold has already.

    Raises `NotEnoughCredits` if the balance minus all holds is smaller, or `NegativeBalance` if the balance is
    below zero. Then nothing is changed.
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
    """Return `credits` of a hold to the balance. Raises `LedgerError` if the hold has fewer."""
    if credits:
        with transaction.atomic(savepoint=False):
            _take_from_hold(hold, credits, charged=0)


def capture(hold: Hold, credits: int, *, key: str, note: str = "") -> LedgerEntry:
    """Charge `credits` of a hold under `key`, spent from the grants that end soonest.

    Raises `LedgerError` if the hold has fewer, and `IntegrityError` if `key` was charged before. Either one
    must roll back the caller's whole transaction.
    """
    with transaction.atomic(savepoint=False):
        _take_from_hold(hold, credits, charged=credits)
        _spend(hold.account_id, credits)
        return LedgerEntry.objects.create(
            account_id=hold.account_id, kind=LedgerEntry.Kind.IMAGE, amount=-credits, key=key, note=note, hold=hold
        )


def erase_notes(account_id: int, keys: Iterable[str]) -> None:
    """Erase the notes of these entries: the customer has deleted the images that they describe."""
    LedgerEntry.objects.filter(account=account_id, key__in=list(keys)).update(note="")


def _take_from_hold(hold: Hold, credits: int, *, charged: int) -> None:
    account = CreditAccount.objects.filter(pk=hold.account_id, held__gte=credits)
    if not account.update(held=F("held") - credits, balance=F("balance") - charged):
        raise LedgerError(f"account {hold.account_id} holds fewer than {credits} credits")
    if not Hold.objects.filter(pk=hold.pk, credits__gte=credits).update(credits=F("credits") - credits):
        raise LedgerError(f"hold {hold.pk} has fewer than {credits} credits")


@transaction.atomic
def expire_ended(account: CreditAccount) -> int:
    """Book the expiry of all grants that have ended, and return how many credits expired.

    Held credits do not expire: an accepted batch is finished with the credits that it started with. Held credits
    are assumed to be those that end soonest, because those are spent first. Credits released later expire with
    the next call.
    """
    needed, expired = _lock(account.pk).held, 0
    for ended in _ended(account, timezone.now()):
        still_held = min(needed, ended.remaining)
        needed -= still_held
        if still_held < ended.remaining:
            expired += _expire(ended, still_held)
    return expired


def _ended(account: CreditAccount, now: datetime) -> list[CreditGrant]:
    """Return the ended grants, earliest end first.

    While a plan continues, the credits of its latest month stay usable until those of the next month arrive: Stripe
    collects a renewal an hour after the period's end or later (docs/decisions/0019).
    """
    ended = account.grants.ended(now)
    membership = Membership.objects.current(account.user_id, now) if ended.exists() else None
    if membership and membership.has_months:
        ended = ended.exclude(pk__in=account.grants.of_latest_month())
    return list(ended.in_spending_order())


def _expire(ended: CreditGrant, still_held: int) -> int:
    amount = ended.remaining - still_held
    CreditGrant.objects.filter(pk=ended.pk).update(remaining=still_held)
    # A grant with held credits expires in parts. Each part leaves fewer credits, so the keys differ.
    key = f"expire:{ended.pk}:{still_held}" if still_held else f"expire:{ended.pk}"
    _book(ended.account_id, -amount, kind=LedgerEntry.Kind.EXPIRY, key=key, note=ended.note, grant=ended)
    return amount


def _book(account_id: int, amount: int, *, kind: str, key: str, note: str, grant: CreditGrant | None) -> None:
    LedgerEntry.objects.create(account_id=account_id, kind=kind, amount=amount, key=key, note=note, grant=grant)
    CreditAccount.objects.filter(pk=account_id).update(balance=F("balance") + amount)


def _spend(account_id: int, amount: int, *, first_from: CreditGrant | None = None) -> None:
    """Take `amount` from the grants that end soonest; the account is locked. Whatever they do not cover is owed."""
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
