"""Verbs on one customer's credits at the same moment, on a database that lets them run side by side."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.credits import ledger, renewals
from billing.models import CreditAccount, CreditGrant, Hold, LedgerEntry, Membership, MembershipEvent
from billing.refusals import NotEnoughCredits
from billing.tests.conftest import Give
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite runs one transaction after the other"),
]


def errors(results: list[object]) -> list[object]:
    return [result for result in results if isinstance(result, Exception)]


def capture_all(hold: Hold, count: int) -> None:
    for number in range(count):
        ledger.capture(hold, 1, key=f"prompt:{hold.pk}:{number}")


def test_an_account_is_opened_once_by_eight_visits(bob: User) -> None:
    accounts = at_once([partial(ledger.account_of, bob)] * 8)
    assert [account.balance for account in accounts] == [5] * 8


def test_the_same_fact_is_booked_once_by_eight_deliveries(account: CreditAccount) -> None:
    booked = at_once([partial(ledger.grant, account, 250, origin="plan", key="in:1")] * 8)
    assert sorted(booked) == [False] * 7 + [True]


def test_different_facts_are_all_booked(account: CreditAccount) -> None:
    acts = [partial(ledger.grant, account, 10, origin="pack", key=f"cs:{number}") for number in range(8)]
    assert at_once(acts) == [True] * 8
    assert ledger.account_of(account.user).balance == 80


def test_the_same_credits_are_held_once(bob: User) -> None:
    ledger.account_of(bob)
    results = at_once([partial(ledger.hold, bob, 1, key=f"batch:{number}") for number in range(8)])
    assert [type(error) for error in errors(results)] == [NotEnoughCredits] * 3


def test_batches_of_one_customer_spend_the_same_grants_side_by_side(bob: User, give: Give) -> None:
    for days in (1, 2, None):
        give(10, days)
    holds = [ledger.hold(bob, 6, key=f"batch:{number}") for number in range(5)]
    assert errors(at_once([partial(capture_all, hold, 6) for hold in holds])) == []
    assert ledger.account_of(bob).balance == 0


def test_credits_that_end_while_batches_run_are_never_those_held(bob: User, give: Give) -> None:
    ended = give(20, days=1)
    give(5)
    holds = [ledger.hold(bob, 6, key=f"batch:{number}") for number in range(2)]
    CreditGrant.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    looks = [partial(ledger.account_of, bob)] * 4
    assert errors(at_once([*(partial(capture_all, hold, 6) for hold in holds), *looks])) == []
    assert ledger.account_of(bob).balance == 5
    assert sum(LedgerEntry.objects.filter(kind="expiry").values_list("amount", flat=True)) == -8


def test_a_dispute_while_a_batch_runs_is_booked_once_and_whole(bob: User, give: Give) -> None:
    pack = give(10)
    hold = ledger.hold(bob, 10, key="batch:1")
    dispute = partial(ledger.take, pack.account, 10, kind="dispute", key="dp:1", first_from=pack)
    assert errors(at_once([partial(capture_all, hold, 10), dispute, dispute])) == []
    assert ledger.account_of(bob).balance == -10


def test_a_renewal_booked_twice_while_batches_run_replaces_what_they_do_not_hold(
    bob: User, account: CreditAccount
) -> None:
    now = timezone.now()
    period = {"period_start": now - timedelta(days=30), "period_end": now}
    Membership.objects.activate(bob, "starter", source=Membership.Source.STRIPE, **period)
    ledger.grant_month(account, 20, key="in:1", expires_at=now)
    holds = [ledger.hold(bob, 6, key=f"batch:{number}") for number in range(2)]
    renewal = partial(renew, account, now + timedelta(days=30))
    looks = [partial(ledger.account_of, bob)] * 2
    assert errors(at_once([*(partial(capture_all, hold, 6) for hold in holds), renewal, renewal, *looks])) == []
    assert ledger.account_of(bob).balance == 250
    assert sum(LedgerEntry.objects.filter(kind="expiry").values_list("amount", flat=True)) == -8


def renew(account: CreditAccount, expires_at: datetime) -> None:
    ledger.grant_month(account, 250, key="in:2", expires_at=expires_at)
    ledger.expire_ended(account)


def gift(user: User, days_ago: int, days_left: int) -> Membership:
    now = timezone.now()
    end = now + timedelta(days=days_left)
    terms = {"period_start": now - timedelta(days=days_ago), "period_end": end, "cancel_at": end}
    return Membership.objects.activate(user, plans.STARTER.key, source=Membership.Source.OPERATOR, **terms)


def test_a_month_is_renewed_once_by_eight_workers(bob: User, account: CreditAccount) -> None:
    gift(bob, days_ago=40, days_left=100)
    assert errors(at_once([renewals.reset_quotas] * 8)) == []
    assert list(CreditGrant.objects.filter(origin="plan").values_list("amount", flat=True)) == [250]


def test_a_gift_is_ended_once_by_eight_workers(bob: User, account: CreditAccount) -> None:
    gift(bob, days_ago=40, days_left=-1)
    resets = at_once([renewals.reset_quotas] * 8)
    assert sum(reset.ended_count for reset in resets) == 1
    assert MembershipEvent.objects.filter(to_status=Membership.Status.ENDED).count() == 1
