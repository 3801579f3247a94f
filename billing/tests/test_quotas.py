"""Quotas: images of the last 24 hours, starts of the last hour, prompts a batch."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from billing import plans, quotas
from billing.credits import ledger
from billing.models import Hold, LedgerEntry
from billing.refusals import ListTooLong, TooManyStarts
from tests.cast import make_person
from tests.counting import count_queries

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def image(user: User, ago: timedelta = SECOND) -> None:
    """Charge the user for an image made so long ago."""
    number = LedgerEntry.objects.count()
    held = ledger.hold(user, 1, key=f"batch:{number}")
    entry = ledger.capture(held, 1, key=f"prompt:{number}")
    LedgerEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - ago)


def starts(user: User, *ages: timedelta) -> None:
    for number, age in enumerate(ages):
        held = ledger.hold(user, 0, key=f"batch:{user.pk}:{number}")
        Hold.objects.filter(pk=held.pk).update(created_at=timezone.now() - age)


@pytest.mark.parametrize(("ago", "counts"), [(plans.DAY - MINUTE, 1), (plans.DAY, 0)])
def test_the_day_is_the_last_24_hours(bob: User, ago: timedelta, counts: int) -> None:
    image(bob, ago)
    assert quotas.allowance(bob).today_used == counts
    assert quotas.images_left(bob.pk) == 5 - counts


def test_only_images_count(bob: User) -> None:
    ledger.grant_by_operator(bob, -1, "taken")
    assert quotas.allowance(bob).today_used == 0


def test_another_customers_images_do_not_count(alice: User, bob: User) -> None:
    ledger.account_of(bob)
    image(alice)
    assert quotas.images_left(bob.pk) == 5


def test_nothing_is_left_at_the_limit(bob: User) -> None:
    for _ in range(5):
        image(bob)
    assert quotas.images_left(bob.pk) == 0


def test_it_goes_on_when_the_oldest_image_is_a_day_old(bob: User) -> None:
    for hours in (5, 4, 3, 2, 1):
        image(bob, timedelta(hours=hours))
    wait = quotas.next_free_at(bob) - timezone.now()
    assert abs(wait - timedelta(hours=19)) < timedelta(minutes=1)


def test_for_two_images_it_waits_for_two(bob: User) -> None:
    for hours in (5, 4, 3, 2, 1):
        image(bob, timedelta(hours=hours))
    wait = quotas.next_free_at(bob, wanted=2) - timezone.now()
    assert abs(wait - timedelta(hours=20)) < timedelta(minutes=1)


def test_after_a_change_to_a_smaller_plan_the_surplus_has_to_go_first(bob: User) -> None:
    ledger.grant_by_operator(bob, 3, "gift")
    for hours in (8, 7, 6, 5, 4, 3, 2, 1):
        image(bob, timedelta(hours=hours))
    wait = quotas.next_free_at(bob) - timezone.now()
    assert abs(wait - timedelta(hours=24 - 5)) < timedelta(minutes=1)


def test_images_in_flight_that_fill_the_limit_are_asked_about_soon(bob: User) -> None:
    assert quotas.next_free_at(bob) - timezone.now() < timedelta(minutes=1)


def test_a_run_asks_with_few_queries(alice: User, bob: User, give_plan: Any) -> None:
    give_plan(bob, plans.STARTER)
    for user, count in ((alice, 3), (bob, 3)):
        ledger.account_of(user)
        assert count_queries(lambda user=user: quotas.images_left(user.pk)) == count


@pytest.mark.parametrize(("length", "plan"), [(10, None), (500, plans.STARTER), (1_000, plans.PRO)])
def test_a_list_as_long_as_the_plan_allows_may_start(
    bob: User, give_plan: Any, length: int, plan: plans.Plan | None
) -> None:
    if plan:
        give_plan(bob, plan)
    quotas.check_start(bob, length)
    with pytest.raises(ListTooLong, match=str(length)):
        quotas.check_start(bob, length + 1)


def test_the_eleventh_start_of_an_hour_is_refused(bob: User) -> None:
    starts(bob, *[timedelta(minutes=50)] * 10)
    with pytest.raises(TooManyStarts) as refusal:
        quotas.check_start(bob, 1)
    wait = refusal.value.retry_at - timezone.now()
    assert abs(wait - timedelta(minutes=10)) < timedelta(minutes=1)


@pytest.mark.parametrize(("age", "used"), [(plans.HOUR - MINUTE, 1), (plans.HOUR, 0)])
def test_starts_are_counted_over_the_last_hour(bob: User, age: timedelta, used: int) -> None:
    starts(bob, age)
    assert quotas.allowance(bob).starts_used == used


def test_another_customers_starts_do_not_count(bob: User) -> None:
    starts(make_person("Dora"), *[SECOND] * 10)
    quotas.check_start(bob, 1)


def test_what_is_left_of_the_months_credits_is_shown(bob: User, give_plan: Any) -> None:
    give_plan(bob, plans.STARTER)
    image(bob)
    allowance = quotas.allowance(bob)
    assert (allowance.plan_credits_left, allowance.plan_credits_given) == (249, 250)
