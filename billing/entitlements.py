"""What somebody may do: their plan, or what their credits stand for without one."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.models import CreditGrant, Membership


def current_membership(user: User | int, now: datetime | None = None) -> Membership | None:
    """Return the membership that gives the user (or the one with that id) a plan at that moment, None without one."""
    membership = Membership.objects.live().filter(user=user).first()
    return membership if membership and membership.is_current(now or timezone.now()) else None


def plan_read_with(user: User) -> plans.Plan:
    """Return what `plan_of` does, of a user who was read together with the membership just now."""
    membership: Membership | None = getattr(user, "membership", None)
    if membership and membership.is_current(timezone.now()):
        return membership.plan
    return plan_of(user)


def unpaid_membership(user: User) -> Membership | None:
    """Return the membership whose last payment failed, also when its grace is over; None without one."""
    return Membership.objects.filter(user=user, status=Membership.Status.PAST_DUE).first()


def plan_of(user: User | int, now: datetime | None = None) -> plans.Plan:
    """Return what the user may do: their plan, else pay as you go with credits that are not the free ones."""
    if membership := current_membership(user, now):
        return membership.plan
    has_paid = CreditGrant.objects.filter(account__user=user).beyond_free().exists()
    return plans.PAY_AS_YOU_GO if has_paid else plans.FREE


def has_api(user: User, plan: plans.Plan) -> bool:
    """Return whether the user's programs are let in: the plan has an API, or the user has paid before.

    Who has used up a pack must still be able to fetch the images of it.
    """
    return (
        plan.has_api or CreditGrant.objects.filter(account__user=user).exclude(origin=CreditGrant.Origin.FREE).exists()
    )
