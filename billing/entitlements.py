"""What a user may do: by their plan, or by their credits without one."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.models import CreditGrant, Membership


def current_membership(user: User | int, now: datetime | None = None) -> Membership | None:
    """Return the membership that gives the user a plan at `now`, None without one."""
    return Membership.objects.current(user, now or timezone.now())


def plan_read_with(user: User) -> plans.Plan:
    """Return the same as `plan_of` without a query, for a user who was just read with `user__membership`."""
    membership: Membership | None = getattr(user, "membership", None)
    if membership and membership.is_current(timezone.now()):
        return membership.plan
    return plan_of(user)


def unpaid_membership(user: User) -> Membership | None:
    """Return the membership whose last payment failed, even after its grace period; None without one."""
    return Membership.objects.filter(user=user, status=Membership.Status.PAST_DUE).first()


def plan_of(user: User | int, now: datetime | None = None) -> plans.Plan:
    """Return the user's plan. Without one, credits other than free ones allow `PAY_AS_YOU_GO`."""
    if membership := current_membership(user, now):
        return membership.plan
    has_paid = CreditGrant.objects.filter(account__user=user).beyond_free().exists()
    return plans.PAY_AS_YOU_GO if has_paid else plans.FREE


def has_api(user: User, plan: plans.Plan) -> bool:
    """Return whether the user may use the API: the plan includes it, or the user has ever paid or been given credits.

    A customer who has used up a pack must still be able to download its images.
    """
    return (
        plan.has_api or CreditGrant.objects.filter(account__user=user).exclude(origin=CreditGrant.Origin.FREE).exists()
    )
