"""Grants: what is spent first, what ends when, what is taken back and what is owed then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing.credits import ledger
from billing.models import CreditAccount, CreditGrant, LedgerEntry
from billing.refusals import NegativeBalance, NotEnoughCredits
from billing.tests.conftest import Give
from tests.counting import count_queries


def spend(user: User, amount: int, key: str = "prompt:1") -> None:
    held = ledger.hold(user, amount, key=f"batch:{key}")
    ledger.capture(held, amount, key=key)


def remaining(*grants: CreditGrant) -> list[int]:
    for grant in grants:
        grant.refresh_from_db()
    return [grant.remaining for grant in grants]


def end(grant: CreditGrant) -> None:
    CreditGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def left(user: User) -> int:
    return ledger.account_of(user).left


def test_what_ends_soonest_is_spent_first(bob: User, give: Give) -> None:
    late, soon, never = give(10, days=30), give(10, days=1), give(10)
    spend(bob, 12)
    assert remaining(soon, late, never) == [0, 8, 10]


def test_of_what_never_ends_the_oldest_is_spent_first(bob: User, give: Give) -> None:
    first, second = give(10), give(10)
    spend(bob, 12)
    assert remaining(first, second) == [0, 8]


def test_the_same_key_gives_once(account: CreditAccount, give: Give) -> None:
    give(10, key="in:1")
    assert not ledger.grant(account, 10, origin="plan", key="in:1")
    assert left(account.user) == 10


def test_the_same_key_takes_once(account: CreditAccount, give: Give) -> None:
    give(10)
    taken = [ledger.take(account, 3, kind="refund", key="re:1") for _ in range(2)]
    assert taken == [True, False]
    assert left(account.user) == 7


@pytest.mark.parametrize("amount", [0, -1])
def test_a_grant_gives_something(account: CreditAccount, amount: int) -> None:
    with pytest.raises(ValueError, match="take"):
        ledger.grant(account, amount, origin="pack", key="cs:1")


def test_charging_takes_five_queries(bob: User, give: Give) -> None:
    give(10)
    held = ledger.hold(bob, 3, key="batch:1")
    assert count_queries(lambda: ledger.capture(held, 1, key="prompt:1")) == 5


def test_charging_over_several_grants_takes_no_more(bob: User, give: Give) -> None:
    give(1), give(1), give(1)
    held = ledger.hold(bob, 3, key="batch:1")
    assert count_queries(lambda: ledger.capture(held, 3, key="prompt:1")) == 5


def test_credits_whose_day_has_come_are_gone_at_the_next_look(bob: User, give: Give) -> None:
    ended = give(10, days=1)
    give(4)
    end(ended)
    assert left(bob) == 4
    assert LedgerEntry.objects.get(key=f"expire:{ended.pk}").amount == -10


def test_what_is_held_outlives_its_day(bob: User, give: Give) -> None:
    ended = give(10, days=1)
    ledger.hold(bob, 7, key="batch:1")
    end(ended)
    account = ledger.account_of(bob)
    assert (account.balance, account.left) == (7, 0)


def test_a_batch_under_way_uses_up_what_it_held(bob: User, give: Give) -> None:
    ended, pack = give(10, days=1), give(5)
    held = ledger.hold(bob, 7, key="batch:1")
    end(ended)
    ledger.capture(held, 7, key="prompt:1")
    ledger.account_of(bob)
    assert remaining(ended, pack) == [0, 5]


def test_what_is_released_after_its_day_is_gone(bob: User, give: Give) -> None:
    ended = give(10, days=1)
    held = ledger.hold(bob, 7, key="batch:1")
    end(ended)
    assert ledger.account_of(bob).balance == 7
    ledger.release(held, 7)
    assert left(bob) == 0


def test_ended_credits_cannot_be_held(bob: User, give: Give) -> None:
    end(give(10, days=1))
    with pytest.raises(NotEnoughCredits):
        ledger.hold(bob, 1, key="batch:1")


def test_expiring_twice_takes_once(account: CreditAccount, give: Give) -> None:
    end(give(10, days=1))
    assert [ledger.expire_ended(account) for _ in range(2)] == [10, 0]


def test_a_refund_takes_from_its_own_grant_first(account: CreditAccount, give: Give) -> None:
    plan, pack = give(10, days=1), give(10)
    ledger.take(account, 8, kind="refund", key="re:1", first_from=pack)
    assert remaining(plan, pack) == [10, 2]


def test_a_refund_takes_the_rest_from_the_others(account: CreditAccount, give: Give) -> None:
    plan, pack = give(10, days=1), give(3)
    ledger.take(account, 8, kind="refund", key="re:1", first_from=pack)
    assert remaining(plan, pack) == [5, 0]


def test_a_dispute_of_used_credits_makes_the_balance_negative(bob: User, give: Give) -> None:
    pack = give(10)
    spend(bob, 9)
    ledger.take(pack.account, 10, kind="dispute", key="dp:1", first_from=pack)
    assert ledger.account_of(bob).balance == -9


def test_nothing_can_be_held_while_something_is_owed(account: CreditAccount) -> None:
    ledger.take(account, 9, kind="dispute", key="dp:1")
    with pytest.raises(NegativeBalance, match="needed"):
        ledger.hold(account.user, 1, key="batch:1")


def test_new_credits_settle_what_is_owed(account: CreditAccount, give: Give) -> None:
    ledger.take(account, 9, kind="dispute", key="dp:1")
    assert remaining(give(10)) == [1]
    assert left(account.user) == 1


def test_a_running_batch_goes_on_after_a_dispute(bob: User, give: Give) -> None:
    pack = give(10)
    held = ledger.hold(bob, 4, key="batch:1")
    ledger.take(pack.account, 10, kind="dispute", key="dp:1", first_from=pack)
    ledger.capture(held, 4, key="prompt:1")
    assert ledger.account_of(bob).balance == -4
