"""Quotas: images per rolling 24 hours and per month, and starts per hour, counted from the ledger and the holds.

An image counts when it is charged, so failed ones do not. A hold counts as one start.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from billing.entitlements import plan_of
from billing.models import CreditGrant, Hold, LedgerEntry
from billing.plans import DAY, HOUR, Plan
from billing.refusals import ListTooLong, TooManyStarts

#: The least value of `low_credits`.
_FEW = 2
#: When to check again if images in flight use the last places of the day.
_IN_FLIGHT = timedelta(seconds=30)


@dataclass(frozen=True)
class Allowance:
    plan: Plan
    today_used: int
    starts_used: int
    plan_credits_left: int
    plan_credits_given: int

    @property
    def today_left(self) -> int:
        return max(0, self.plan.images_per_day - self.today_used)

    @property
    def low_credits(self) -> int:
        """Return how many credits count as few: a tenth of a month's."""
        return max(_FEW, self.plan.credits_per_month // 10)


def allowance(user: User) -> Allowance:
    now = timezone.now()
    images = LedgerEntry.objects.of(user)
    plan_grants = CreditGrant.objects.filter(account__user=user, origin=CreditGrant.Origin.PLAN)
    # Between two months the last one's credits are still usable.
    usable = Q(expires_at__gt=now) | Q(pk__in=plan_grants.of_latest_month().unspent())
    given = plan_grants.filter(usable).aggregate(left=Sum("remaining", default=0), given=Sum("amount", default=0))
    return Allowance(
        plan=plan_of(user, now),
        today_used=images.images_since(now - DAY).count(),
        starts_used=_starts(user, now).count(),
        plan_credits_left=given["left"],
        plan_credits_given=given["given"],
    )


def check_start(user: User, prompt_count: int) -> None:
    """Raise `ListTooLong` or `TooManyStarts` if the plan does not allow this batch to start."""
    plan, now = plan_of(user), timezone.now()
    if prompt_count > plan.prompts_per_batch:
        raise ListTooLong(prompt_count, plan.prompts_per_batch)
    starts = list(_starts(user, now).order_by("created_at").values_list("created_at", flat=True))
    if len(starts) >= plan.starts_per_hour:
        raise TooManyStarts(plan.starts_per_hour, starts[-plan.starts_per_hour] + HOUR)


def images_left(user_id: int) -> int:
    """Return how many images the user may make now.

    Called before every image: two or three plain queries take half the CPU time of one query with joins.
    """
    now, plan = timezone.now(), plan_of(user_id)
    images = LedgerEntry.objects.of(user_id)
    return max(0, plan.images_per_day - images.images_since(now - DAY).count())


def next_free_at(user: User, wanted: int = 1, coming: int = 0) -> datetime:
    """Return when a user who has reached a limit, or will with `coming` images made now, may make `wanted` more."""
    now, plan = timezone.now(), plan_of(user)
    images = LedgerEntry.objects.of(user)
    made = list(images.images_since(now - DAY).order_by("created_at").values_list("created_at", flat=True))
    made += [now] * coming
    if len(made) < plan.images_per_day:
        return now + _IN_FLIGHT
    over = len(made) - plan.images_per_day
    return made[over + min(wanted, plan.images_per_day) - 1] + DAY


def _starts(user: User, now: datetime) -> QuerySet[Hold]:
    return Hold.objects.filter(account__user=user, created_at__gt=now - HOUR)
