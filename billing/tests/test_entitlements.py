"""Limits: those of the plan, raised by bought and given credits, and never raised by a plan that is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import plans
from billing.credits import ledger
from billing.entitlements import plan_of, plan_read_with
from billing.models import CreditAccount, Membership
from billing.tests.conftest import Give

Limits = tuple[int, int, int]
FREE, STARTER, PAY_AS_YOU_GO, PRO = (5, 10, 10), (200, 500, 10), (1_000, 1_000, 10), (1_000, 1_000, 60)


def limits(account: CreditAccount) -> Limits:
    """Return Bob's images a day, prompts a batch and starts an hour."""
    plan = plan_of(account.user)
    account.user.refresh_from_db()
    assert plan_read_with(account.user) == plan
    return plan.images_per_day, plan.prompts_per_batch, plan.starts_per_hour


def subscribe(account: CreditAccount, plan: plans.Plan) -> Membership:
    now = timezone.now()
    terms = {"period_start": now, "period_end": now + timedelta(days=30), "stripe_subscription": "sub_1"}
    return Membership.objects.activate(account.user, plan.key, source=Membership.Source.STRIPE, **terms)


@pytest.mark.parametrize("origin", ["pack", "operator", "goodwill"])
@pytest.mark.parametrize(("plan", "wanted"), [(plans.STARTER, PAY_AS_YOU_GO), (plans.PRO, PRO)])
def test_buying_a_plan_takes_no_limit_away(
    account: CreditAccount, give: Give, origin: str, plan: plans.Plan, wanted: Limits
) -> None:
    give(10, origin=origin)
    assert limits(account) == PAY_AS_YOU_GO
    subscribe(account, plan)
    assert limits(account) == wanted
    assert plan_of(account.user).key == plan.key


def test_the_plans_own_limits_are_back_when_the_pack_is_used_up(account: CreditAccount, give: Give) -> None:
    give(10)
    subscribe(account, plans.STARTER)
    ledger.take(account, 10, kind="refund", key="re:1")
    assert limits(account) == STARTER


@pytest.mark.parametrize("origin", ["plan", "free"])
def test_a_plans_own_credits_and_free_ones_raise_nothing(account: CreditAccount, give: Give, origin: str) -> None:
    give(10, days=30, origin=origin)
    subscribe(account, plans.STARTER)
    assert limits(account) == STARTER


@pytest.mark.parametrize(("plan", "wanted"), [(plans.STARTER, STARTER), (plans.PRO, PAY_AS_YOU_GO)])
def test_what_remains_of_a_plan_that_is_over_allows_no_more_than_it_did(
    account: CreditAccount, give: Give, plan: plans.Plan, wanted: Limits
) -> None:
    give(10, days=30, origin="plan")
    subscribe(account, plan).end()
    assert limits(account) == wanted


def test_a_pack_allows_what_it_did_before_the_plan_that_is_over(account: CreditAccount, give: Give) -> None:
    give(10, days=30, origin="plan")
    give(10)
    subscribe(account, plans.STARTER).end()
    assert limits(account) == PAY_AS_YOU_GO


def test_without_credits_a_plan_that_is_over_leaves_the_free_limits(account: CreditAccount) -> None:
    subscribe(account, plans.PRO).end()
    assert limits(account) == FREE
