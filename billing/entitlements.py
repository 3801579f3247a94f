"""What a user may do: by their plan, or by their credits without one."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.models import CreditGrant, Membership


def current_membership(user: User) -> Membership | None:
    return Membership.objects.current(user, timezone.now())


def unpaid_membership(user: User) -> Membership | None:
    """Return the membership whose last payment failed, even after its grace period; None without one."""
    return Membership.objects.filter(user=user, status=Membership.Status.PAST_DUE).first()


def plan_of(user: User | int, now: datetime | None = None) -> plans.Plan:
    """Return the user's plan, with limits that bought and given credits may raise.

    While such credits remain, no limit is smaller than that of `PAY_AS_YOU_GO`. What remains of a plan that is over
    allows no more than that plan did.
    """
    return _plan_of(user, Membership.objects.filter(user=user).first(), now or timezone.now())


def plan_read_with(user: User) -> plans.Plan:
    """Like `plan_of`, with one query less, for a user who was read with `user__membership`."""
    return _plan_of(user, getattr(user, "membership", None), timezone.now())


def _plan_of(user: User | int, membership: Membership | None, now: datetime) -> plans.Plan:
    plan = membership.plan if membership and membership.is_current(now) else plans.FREE
    if plan == plan.at_least(plans.PAY_AS_YOU_GO):
        return plan
    origins = {*CreditGrant.objects.filter(account__user=user).beyond_free().values_list("origin", flat=True)}
    if plan != plans.FREE:
        return plan.at_least(plans.PAY_AS_YOU_GO) if origins - {CreditGrant.Origin.PLAN} else plan
    if membership and origins == {CreditGrant.Origin.PLAN}:
        return plans.PAY_AS_YOU_GO.at_most(membership.plan)
    return plans.PAY_AS_YOU_GO if origins else plans.FREE


def has_api(user: User, plan: plans.Plan) -> bool:
    """Return whether the user may use the API: the plan includes it, or the user has ever paid or been given credits.

    A customer who has used up a pack must still be able to download its images.
    """
    return (
        plan.has_api or CreditGrant.objects.filter(account__user=user).exclude(origin=CreditGrant.Origin.FREE).exists()
    )
