"""`reset_quotas`: months that no invoice renews, once each, whenever it runs."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from billing import plans
from billing.credits import ledger, renewals
from billing.models import CreditAccount, CreditGrant, LedgerEntry, Membership
from billing.months import add_months


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> "type[Clock]":
    """Return the clock of these tests; it stands on 31 January."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: Clock.now)
    Clock.now = day("2026-01-31")
    return Clock


class Clock:
    """The one time that everybody reads."""

    now = day("2026-01-31")

    @classmethod
    def set(cls, text: str) -> None:
        cls.now = day(text)


@pytest.fixture
def gift(bob: User, today: type[Clock]) -> Membership:
    """Starter for Bob until 15 May, a gift of Olga's."""
    return renewals.give_plan(bob, plans.STARTER, day("2026-05-15"), actor=None, reason="a friend")


def subscribe(user: User, start: str, end: str) -> Membership:
    terms = {"period_start": day(start), "period_end": day(end), "stripe_subscription": "sub_1"}
    return Membership.objects.activate(user, plans.STARTER.key, source=Membership.Source.STRIPE, **terms)


def plan_grants(user: User) -> list[tuple[str, int]]:
    grants = CreditGrant.objects.filter(account__user=user, origin="plan").order_by("pk")
    return [(f"{grant.expires_at:%m-%d}", grant.remaining) for grant in grants]


def test_a_gift_brings_its_first_month_at_once(bob: User, gift: Membership) -> None:
    assert plan_grants(bob) == [("02-28", 250)]


def test_a_bug_with_one_plan_does_not_keep_the_months_of_the_others(
    alice: User, bob: User, gift: Membership, today: type[Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    renewals.give_plan(alice, plans.STARTER, day("2026-05-15"), actor=None, reason="a friend")
    account_of = ledger.account_of

    def faulty(user: User) -> CreditAccount:
        if user == bob:
            raise KeyError
        return account_of(user)

    monkeypatch.setattr(renewals, "account_of", faulty)
    today.set("2026-02-28")
    assert renewals.reset_quotas().renewed_count == 1
    assert plan_grants(alice) == [("02-28", 0), ("03-31", 250)]


def test_a_plan_without_credits_announces_no_month(bob: User, gift: Membership) -> None:
    assert renewals.next_renewal_at(gift) == day("2026-02-28")
    partner = renewals.give_plan(bob, plans.PARTNER, day("2026-05-15"), actor=None, reason="an agreement")
    assert renewals.next_renewal_at(partner) is None


def test_nothing_is_renewed_within_the_month(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-02-27T23:59")
    assert renewals.reset_quotas().renewed_count == 0


def test_the_next_month_begins_and_the_last_one_ends(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-02-28")
    assert renewals.reset_quotas() == renewals.Reset(renewed_count=1, ended_count=0, expired_credits=250)
    assert plan_grants(bob) == [("02-28", 0), ("03-31", 250)]


def test_running_twice_renews_once(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-02-28")
    renewals.reset_quotas()
    assert renewals.reset_quotas() == renewals.Reset(0, 0, 0)


def test_running_late_gives_the_month_that_is_running_only(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-04-10")
    assert renewals.reset_quotas().renewed_count == 1
    assert plan_grants(bob) == [("02-28", 0), ("04-30", 250)]


def test_the_last_month_ends_with_the_gift(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-05-01")
    renewals.reset_quotas()
    assert plan_grants(bob)[-1] == ("05-15", 250)


def test_a_gift_ends_on_its_day(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-05-15")
    assert renewals.reset_quotas().ended_count == 1
    gift.refresh_from_db()
    assert gift.status == Membership.Status.ENDED


def test_a_dry_run_counts_and_changes_nothing(bob: User, gift: Membership, today: type[Clock]) -> None:
    today.set("2026-02-28")
    before = LedgerEntry.objects.count()
    output = StringIO()
    call_command("reset_quotas", dry_run=True, stdout=output)
    assert "Would be: 1 months renewed" in output.getvalue()
    assert LedgerEntry.objects.count() == before


def test_held_credits_wait_for_their_batch(bob: User, gift: Membership, today: type[Clock]) -> None:
    ledger.hold(bob, 40, key="batch:1")
    today.set("2026-02-28")
    assert renewals.reset_quotas().expired_credits == 210


@pytest.mark.parametrize("now", ["2026-01-31", "2026-02-10", "2026-02-28", "2026-03-01"])
def test_a_monthly_subscription_is_left_to_its_invoices(bob: User, today: type[Clock], now: str) -> None:
    subscribe(bob, "2026-01-31", "2026-02-28")
    today.set(now)
    assert renewals.reset_quotas().renewed_count == 0


def test_a_long_month_after_a_short_one_is_one_month(bob: User, today: type[Clock]) -> None:
    subscribe(bob, "2026-02-28", "2026-03-31")
    today.set("2026-03-29")
    assert renewals.reset_quotas().renewed_count == 0


@pytest.mark.parametrize(("now", "count"), [("2026-01-31", 0), ("2026-02-28", 1), ("2027-01-30", 1), ("2027-01-31", 0)])
def test_a_yearly_subscription_gets_each_month_but_the_invoices(
    bob: User, today: type[Clock], now: str, count: int
) -> None:
    pay_year(bob)
    today.set(now)
    assert renewals.reset_quotas().renewed_count == count


def pay_year(user: User, *, later_credits: int = 11 * 250) -> None:
    """Subscribe for a year, whose invoice has brought the first month."""
    subscribe(user, "2026-01-31", "2027-01-31")
    terms = {"key": "in:in_1", "invoice": "in_1", "expires_at": day("2026-02-28"), "later_credits": later_credits}
    ledger.grant_month(ledger.account_of(user), 250, **terms)


def test_a_year_brings_twelve_months_and_no_more(bob: User, today: type[Clock]) -> None:
    pay_year(bob)
    for month in range(12):
        today.now = add_months(day("2026-01-31"), month)
        renewals.reset_quotas()
        renewals.reset_quotas()
    assert [amount for _, amount in plan_grants(bob)][-1] == 250
    assert CreditGrant.objects.filter(account__user=bob, origin="plan").count() == 12
    assert CreditGrant.objects.get(key="in:in_1").later_left == 0


@pytest.mark.parametrize("before_months", [0, 1, 5, 11])
def test_an_upgrade_within_a_year_leaves_credits_for_all_its_months(
    bob: User, today: type[Clock], before_months: int
) -> None:
    pay_year(bob)
    for month in range(12):
        today.now = add_months(day("2026-01-31"), month)
        renewals.reset_quotas()
        if month == before_months:
            upgrade(bob, months_left=11 - month)
            assert renewals.reset_quotas().renewed_count == 0
    last = CreditGrant.objects.filter(account__user=bob, origin="plan").latest("pk")
    assert (last.remaining, last.expires_at) == (950 if before_months == 11 else 1_200, day("2027-01-31"))


def upgrade(user: User, *, months_left: int) -> None:
    """Change the plan to Pro, whose invoice brings the difference for this month and the later ones."""
    membership = Membership.objects.get(user=user)
    Membership.objects.filter(pk=membership.pk).update(plan_key=plans.PRO.key)
    end = add_months(membership.period_start, 12 - months_left)
    terms = {"key": "in:in_2", "invoice": "in_2", "expires_at": end, "later_credits": months_left * 950}
    ledger.grant_month(ledger.account_of(user), 950, **terms)


def test_a_month_that_is_only_partly_paid_brings_that_part(bob: User, today: type[Clock]) -> None:
    pay_year(bob, later_credits=100)
    today.set("2026-02-28")
    renewals.reset_quotas()
    assert plan_grants(bob)[-1] == ("03-31", 100)
    today.set("2026-03-31")
    assert renewals.reset_quotas().renewed_count == 0


def test_a_year_that_is_not_paid_brings_no_later_month(bob: User, today: type[Clock]) -> None:
    subscribe(bob, "2026-01-31", "2027-01-31")
    today.set("2026-02-28")
    assert renewals.reset_quotas().renewed_count == 0


def test_free_credits_come_once_unless_configured(bob: User, today: type[Clock]) -> None:
    ledger.account_of(bob)
    today.set("2026-03-01")
    assert renewals.reset_quotas().renewed_count == 0


@pytest.mark.parametrize(("now", "count"), [("2026-01-31", 0), ("2026-02-01", 1)])
def test_free_credits_come_each_month_where_configured(
    bob: User, today: type[Clock], settings: object, now: str, count: int
) -> None:
    settings.FREE_CREDITS_PER_MONTH = 3
    ledger.account_of(bob)
    CreditGrant.objects.update(created_at=today.now)
    today.set(now)
    assert [renewals.reset_quotas().renewed_count for _ in range(2)] == [count, 0]


def test_who_has_a_plan_gets_no_free_month(bob: User, gift: Membership, today: type[Clock], settings: object) -> None:
    settings.FREE_CREDITS_PER_MONTH = 3
    today.set("2026-03-01")
    renewals.reset_quotas()
    assert not CreditGrant.objects.filter(key__startswith=f"renew:{bob.pk}:2026").exists()
