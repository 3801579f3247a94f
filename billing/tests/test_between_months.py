"""A month's credits between its end and the next month's: Stripe collects a renewal an hour later, or days later."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing import plans, quotas
from billing.credits import ledger, renewals
from billing.models import CreditAccount, CreditGrant, LedgerEntry, Membership

MONTH, HOUR = timedelta(days=30), timedelta(hours=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """The one time that everybody reads."""

    now = NEW_YEAR

    def move(self, length: timedelta) -> None:
        Clock.now += length


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(timezone, "now", lambda: Clock.now)
    Clock.now = NEW_YEAR
    return Clock()


@pytest.fixture
def starter(account: CreditAccount, clock: Clock) -> Membership:
    """Bob's subscription, with its first month's credits."""
    pay(account, 1)
    return subscribe(account.user)


@pytest.fixture
def account(clock: Clock, account: CreditAccount) -> CreditAccount:
    """Bob's account, opened by this file's clock."""
    return account


def subscribe(user: User, plan_key: str = "starter", **terms: object) -> Membership:
    terms = {"period_start": NEW_YEAR, "period_end": NEW_YEAR + MONTH, "stripe_subscription": "sub_1", **terms}
    return Membership.objects.activate(user, plan_key, source=Membership.Source.STRIPE, **terms)


def pay(account: CreditAccount, number: int) -> None:
    """Book the invoice of a month."""
    assert ledger.grant_month(account, 250, key=f"in:{number}", expires_at=NEW_YEAR + number * MONTH)
    ledger.expire_ended(account)


def left(user: User) -> int:
    renewals.reset_quotas()
    return ledger.account_of(user).left


def test_a_month_is_usable_until_the_renewal_is_paid(starter: Membership, clock: Clock) -> None:
    clock.move(MONTH + HOUR)
    assert left(starter.user) == 250


def test_the_next_month_replaces_what_remains(starter: Membership, clock: Clock) -> None:
    held = ledger.hold(starter.user, 50, key="batch:1")
    ledger.capture(held, 50, key="prompt:1")
    clock.move(MONTH + HOUR)
    pay(held.account, 2)
    assert left(starter.user) == 250
    assert LedgerEntry.objects.get(kind="expiry").amount == -200


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_months_are_never_added_by_a_clock_that_is_ahead(
    starter: Membership, account: CreditAccount, order: tuple[int, int]
) -> None:
    for number in order:
        pay(account, number)
    assert left(starter.user) == 250


def test_what_a_batch_holds_outlasts_the_renewal(starter: Membership, clock: Clock) -> None:
    held = ledger.hold(starter.user, 40, key="batch:1")
    clock.move(MONTH + HOUR)
    pay(held.account, 2)
    assert left(starter.user) == 250
    ledger.capture(held, 30, key="prompt:1")
    ledger.release(held, 10)
    assert left(starter.user) == 250


def test_a_failed_payment_leaves_them_for_the_grace(starter: Membership, clock: Clock) -> None:
    clock.move(MONTH + HOUR)
    starter.mark_past_due(clock.now + timedelta(days=7))
    clock.move(timedelta(days=7) - HOUR)
    assert left(starter.user) == 250
    clock.move(HOUR)
    assert left(starter.user) == 0


def test_a_cancelled_plan_ends_with_its_month(account: CreditAccount, clock: Clock) -> None:
    pay(account, 1)
    subscribe(account.user, cancel_at=NEW_YEAR + MONTH)
    clock.move(MONTH)
    assert left(account.user) == 0


def test_a_plan_that_is_over_takes_no_credits_of_its_month(starter: Membership, clock: Clock) -> None:
    starter.end()
    assert left(starter.user) == 250
    clock.move(MONTH)
    assert left(starter.user) == 0


def test_a_plan_that_is_no_longer_sold_is_no_exception(account: CreditAccount, clock: Clock) -> None:
    pay(account, 1)
    subscribe(account.user, "legacy")
    clock.move(MONTH + HOUR)
    assert left(account.user) == 250


def test_a_gift_without_credits_does_not_prolong_those_of_an_earlier_plan(starter: Membership, clock: Clock) -> None:
    renewals.give_plan(starter.user, plans.PARTNER, NEW_YEAR + 3 * MONTH, actor=None, reason="a friend")
    clock.move(MONTH)
    assert left(starter.user) == 0


def test_a_gifts_month_is_usable_until_the_next_one_is_booked(account: CreditAccount, clock: Clock) -> None:
    renewals.give_plan(account.user, plans.STARTER, NEW_YEAR + 3 * MONTH, actor=None, reason="a friend")
    clock.move(timedelta(days=31))
    assert ledger.account_of(account.user).left == 250
    assert left(account.user) == 250
    assert CreditGrant.objects.count() == 3


def test_the_page_shows_them_as_the_plans(starter: Membership, clock: Clock) -> None:
    clock.move(MONTH + HOUR)
    allowance = quotas.allowance(starter.user)
    assert (allowance.plan_credits_left, allowance.plan_credits_given) == (250, 250)
