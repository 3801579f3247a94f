"""Memberships: each verb moves once and leaves an event, late news changes nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.entitlements import plan_of
from billing.models import Membership, MembershipEvent
from billing.models.membership import LEEWAY

MONTH = timedelta(days=30)


def subscribe(user: User, plan: plans.Plan = plans.STARTER, **terms: Any) -> Membership:
    now = timezone.now()
    terms = {"period_start": now, "period_end": now + MONTH, "stripe_subscription": "sub_1", **terms}
    return Membership.objects.activate(user, plan.key, source=Membership.Source.STRIPE, **terms)


def ago(**length: float) -> datetime:
    return timezone.now() - timedelta(**length)


def test_without_anything_the_plan_is_free(bob: User) -> None:
    assert plan_of(bob) == plans.FREE


def test_credits_that_were_given_allow_more_than_the_free_ones(alice: User) -> None:
    assert plan_of(alice) == plans.PAY_AS_YOU_GO


def test_a_subscription_gives_its_plan(bob: User) -> None:
    subscribe(bob)
    assert plan_of(bob) == plans.STARTER


def test_the_same_news_again_changes_nothing(bob: User) -> None:
    now = timezone.now()
    for _ in range(2):
        subscribe(bob, period_start=now, period_end=now + MONTH)
    assert MembershipEvent.objects.count() == 1


def test_another_plan_leaves_an_event(bob: User) -> None:
    subscribe(bob)
    subscribe(bob, plans.PRO)
    assert plan_of(bob) == plans.PRO
    assert MembershipEvent.objects.first().plan_key == "pro"


def test_a_plan_that_is_no_longer_sold_allows_what_credits_do(bob: User) -> None:
    subscribe(bob, replace(plans.PRO, key="golden"))
    assert plan_of(bob) == plans.PAY_AS_YOU_GO


def test_a_renewal_moves_the_period_on(bob: User) -> None:
    end = subscribe(bob).period_end
    assert subscribe(bob, period_start=end, period_end=end + MONTH).period_end == end + MONTH


def test_a_paid_month_goes_on_while_its_renewal_is_under_way(bob: User) -> None:
    subscribe(bob, period_start=ago(days=31), period_end=ago(days=1))
    assert plan_of(bob) == plans.STARTER


def test_without_a_renewal_it_is_over_after_the_leeway(bob: User) -> None:
    subscribe(bob, period_start=ago(days=31), period_end=timezone.now() - LEEWAY)
    assert plan_of(bob) == plans.FREE


def test_a_failed_payment_leaves_the_plan_for_a_while(bob: User) -> None:
    subscribe(bob).mark_past_due(timezone.now() + timedelta(days=7))
    assert plan_of(bob) == plans.STARTER


def test_the_first_failure_decides_how_long(bob: User) -> None:
    membership = subscribe(bob)
    first = timezone.now() + timedelta(days=7)
    assert membership.mark_past_due(first)
    assert not membership.mark_past_due(first + timedelta(days=3))
    assert membership.grace_until == first


def test_after_the_grace_the_plan_is_over(bob: User) -> None:
    subscribe(bob).mark_past_due(ago(seconds=1))
    assert plan_of(bob) == plans.FREE


def test_a_payment_at_last_makes_it_active(bob: User) -> None:
    membership = subscribe(bob)
    membership.mark_past_due(ago(seconds=1))
    membership = subscribe(bob)
    assert (membership.status, membership.grace_until) == (Membership.Status.ACTIVE, None)


def test_a_scheduled_end_keeps_the_plan_until_then(bob: User) -> None:
    membership = subscribe(bob, cancel_at=timezone.now() + MONTH)
    assert (membership.status, plan_of(bob)) == (Membership.Status.ENDING, plans.STARTER)


def test_a_scheduled_end_comes_without_further_news(bob: User) -> None:
    subscribe(bob, cancel_at=ago(seconds=1))
    assert plan_of(bob) == plans.FREE


def test_a_scheduled_end_can_be_taken_back(bob: User) -> None:
    subscribe(bob, cancel_at=timezone.now() + MONTH)
    membership = subscribe(bob)
    assert (membership.status, membership.cancel_at) == (Membership.Status.ACTIVE, None)


def test_after_the_end_nothing_moves_but_a_new_start(bob: User) -> None:
    membership = subscribe(bob)
    assert membership.end()
    assert not membership.end()
    assert not membership.mark_past_due(timezone.now())
    assert plan_of(bob) == plans.FREE
    assert subscribe(bob).status == Membership.Status.ACTIVE
