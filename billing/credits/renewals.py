"""Monthly allowances that no invoice renews, and the end of plans and credits whose time is over.

Every step may run at any time, twice, or late: a grant has the key of its month. A month that was missed is
not granted later, because its credits would have expired anyway.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.models import User
from billing.credits import ledger
from billing.credits.ledger import account_of
from billing.models import CreditAccount, CreditGrant, Membership
from billing.months import month_around
from billing.plans import Plan

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Membership, CreditAccount)


@dataclass(frozen=True)
class Reset:
    renewed_count: int
    ended_count: int
    expired_credits: int


def reset_quotas(now: datetime | None = None, *, dry_run: bool = False) -> Reset:
    """Renew, end and expire what is due at `now`, which tests with a test clock of Stripe set."""
    now = now or timezone.now()
    if not dry_run:
        return _reset(now)
    with transaction.atomic():
        found = _reset(now)
        transaction.set_rollback(True)
    return found


def _reset(now: datetime) -> Reset:
    with transaction.atomic():
        # Gifts only: Stripe's events, or `reconcile`, end what Stripe collects for. Locked, because a customer may be
        # buying a subscription, which replaces the gift.
        gifts = Membership.objects.live().filter(source=Membership.Source.OPERATOR, cancel_at__lte=now)
        ended_count = sum(membership.end(reason="over") for membership in gifts.select_for_update())
    members = Membership.objects.live().select_related("user").iterator()
    renewed_count = _for_each(members, lambda membership: renew_month(membership, now)) + _renew_free(now)
    return Reset(renewed_count, ended_count, expired_credits=_expire(now))


def _for_each(rows: Iterable[Row], act: Callable[[Row], int]) -> int:
    """Return the sum of what `act` returns. A bug that one customer meets does not stop the others."""
    total = 0
    for row in rows:
        try:
            total += act(row)
        except (InterfaceError, OperationalError):
            raise
        except Exception:
            logger.exception("%s %s could not be renewed or expired", type(row).__name__, row.pk)
    return total


def give_plan(user: User, plan: Plan, until: datetime, *, actor: User | None, reason: str) -> Membership:
    now = timezone.now()
    with transaction.atomic():
        membership = Membership.objects.activate(
            user,
            plan.key,
            source=Membership.Source.OPERATOR,
            period_start=now,
            period_end=until,
            cancel_at=until,
            actor=actor,
            reason=reason,
        )
        renew_month(membership, now)
    return membership


def renew_month(membership: Membership, now: datetime) -> bool:
    """Grant the credits of the month that contains `now`, counted from the period's start; False if nothing is due.

    Invoices grant the months that they pay for: each month of a monthly subscription, the first of a yearly one.
    """
    start, end = month_around(membership.period_start, now)
    is_in_period = membership.period_start <= start < membership.period_end
    if not membership.plan.credits_per_month or not membership.is_current(now) or not is_in_period:
        return False
    terms = {
        "key": f"renew:{membership.user_id}:{membership.plan_key}-{start:%Y-%m-%d}",
        "note": str(membership.plan.name),
        "expires_at": min(end, membership.period_end),
    }
    if not membership.is_stripe:
        return ledger.grant_month(account_of(membership.user), membership.plan.credits_per_month, **terms)
    return start > membership.period_start and membership.is_yearly and _grant_paid_month(membership, terms)


@transaction.atomic
def _grant_paid_month(membership: Membership, terms: dict[str, Any]) -> bool:
    """Grant a later month of a year, as far as it is paid and not refunded (docs/decisions/0021)."""
    account = ledger.locked_account_of(membership.user)
    if account.grants.filter(key__startswith="renew:", expires_at=terms["expires_at"]).exists():
        # The month has come. If the plan has changed since, the change's invoice has brought the rest.
        return False
    in_period = {"expires_at__gt": membership.period_start, "expires_at__lte": membership.period_end}
    # An upgrade within the year has an invoice of its own.
    paid = list(account.grants.filter(origin=CreditGrant.Origin.PLAN, later_credits__gt=0, **in_period).order_by("-pk"))
    amount = min(membership.plan.credits_per_month, sum(grant.later_left for grant in paid))
    if amount <= 0 or not ledger.grant_month(account, amount, invoice=paid[0].invoice, **terms):
        return False
    for grant in paid:
        part = min(amount, grant.later_left)
        CreditGrant.objects.filter(pk=grant.pk).update(later_given=F("later_given") + part)
        amount -= part
    return True


def next_renewal_at(membership: Membership) -> datetime | None:
    """Return when the next month's credits come; None if the plan has none, or ends before."""
    if not membership.has_months:
        return None
    if membership.is_stripe and not membership.is_yearly:
        next_at = membership.period_end
    else:
        next_at = month_around(membership.period_start, timezone.now())[1]
    ends_at = membership.cancel_at
    return next_at if ends_at is None or next_at < ends_at else None


def _renew_free(now: datetime) -> int:
    """Grant the free credits of the calendar month (UTC), if there are any, to customers without a plan."""
    amount = settings.FREE_CREDITS_PER_MONTH
    if not amount:
        return 0
    start, end = month_around(datetime(2000, 1, 1, tzinfo=UTC), now)
    fresh = CreditGrant.objects.filter(account=OuterRef("pk"), origin=CreditGrant.Origin.FREE, created_at__gte=start)
    accounts = CreditAccount.objects.filter(~Exists(fresh), user__is_active=True).select_related("user__membership")

    def renew(account: CreditAccount) -> bool:
        membership: Membership | None = getattr(account.user, "membership", None)
        if membership and membership.is_current(now):
            return False
        key = f"renew:{account.user_id}:{start:%Y-%m}"
        return ledger.grant(account, amount, origin=CreditGrant.Origin.FREE, key=key, expires_at=end)

    return _for_each(accounts.iterator(), renew)


def _expire(now: datetime) -> int:
    ended = CreditGrant.objects.ended(now).filter(account=OuterRef("pk"))
    return _for_each(CreditAccount.objects.filter(Exists(ended)).iterator(), ledger.expire_ended)
