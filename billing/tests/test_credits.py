"""The verbs on credits: grants booked once, holds that cannot take the same credits twice, captures and releases."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.credits.ledger import LedgerError, NotEnoughCredits
from billing.models import CreditAccount, CreditGrant, Hold, LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(bob: User) -> CreditAccount:
    """Bob's account: five free credits."""
    return ledger.account_of(bob)


def figures(user: User) -> tuple[int, int]:
    """Return balance and held."""
    account = CreditAccount.objects.get(user=user)
    return account.balance, account.held


def test_an_account_opens_with_the_free_credits(bob: User) -> None:
    assert ledger.account_of(bob).left == 5
    assert LedgerEntry.objects.get().kind == LedgerEntry.Kind.FREE


def test_an_account_opens_once(bob: User) -> None:
    for _ in range(2):
        ledger.account_of(bob)
    assert LedgerEntry.objects.count() == 1


def test_free_credits_are_a_setting(charlie: User, settings: object) -> None:
    settings.FREE_CREDITS = 0
    assert ledger.account_of(charlie).left == 0
    assert not LedgerEntry.objects.exists()


def test_a_grant_is_booked_once_under_its_key(bob: User, account: CreditAccount) -> None:
    grants = [ledger.grant(account, 10, origin=CreditGrant.Origin.GOODWILL, key="a case") for _ in range(2)]
    assert grants == [True, False]
    assert figures(bob) == (15, 0)


def test_an_operator_gives_twice_when_asked_twice(bob: User) -> None:
    for _ in range(2):
        ledger.grant_by_operator(bob, 10, "sorry")
    assert figures(bob) == (25, 0)


def test_an_operators_form_sent_twice_gives_once(bob: User) -> None:
    key = uuid.uuid4()
    booked = [ledger.grant_by_operator(bob, 10, "sorry", submission_key=key) for _ in range(2)]
    assert booked == [True, False]
    assert figures(bob) == (15, 0)


def test_one_form_gives_to_several_users(alice: User, bob: User) -> None:
    key = uuid.uuid4()
    assert all(ledger.grant_by_operator(user, 10, "sorry", submission_key=key) for user in (alice, bob))


def test_a_hold_sets_credits_aside(bob: User) -> None:
    ledger.hold(bob, 3, key="batch:1")
    assert figures(bob) == (5, 3)
    assert ledger.account_of(bob).left == 2


def test_a_hold_grows_under_the_same_key(bob: User) -> None:
    ledger.hold(bob, 2, key="batch:1")
    assert ledger.hold(bob, 1, key="batch:1").key == "batch:1"
    assert Hold.objects.get().credits == 3


def test_all_that_is_left_can_be_held(bob: User) -> None:
    ledger.hold(bob, 5, key="batch:1")
    assert ledger.account_of(bob).left == 0


def test_more_than_is_left_cannot_be_held(bob: User) -> None:
    ledger.hold(bob, 3, key="batch:1")
    with pytest.raises(NotEnoughCredits, match="3 credits needed, 2 left"):
        ledger.hold(bob, 3, key="batch:2")
    assert figures(bob) == (5, 3)
    assert Hold.objects.count() == 1


def test_a_hold_that_cannot_grow_stays_as_it_was(bob: User) -> None:
    ledger.hold(bob, 3, key="batch:1")
    with pytest.raises(NotEnoughCredits):
        ledger.hold(bob, 3, key="batch:1")
    assert Hold.objects.get().credits == 3


def test_a_release_gives_credits_back(bob: User) -> None:
    held = ledger.hold(bob, 3, key="batch:1")
    ledger.release(held, 2)
    assert figures(bob) == (5, 1)


def test_releasing_nothing_changes_nothing(bob: User) -> None:
    held = ledger.hold(bob, 3, key="batch:1")
    ledger.release(held, 0)
    assert figures(bob) == (5, 3)


def test_a_capture_turns_a_hold_into_a_charge(bob: User) -> None:
    held = ledger.hold(bob, 3, key="batch:1")
    entry = ledger.capture(held, 2, key="prompt:1", note="a cat")
    assert (entry.amount, entry.kind, entry.note) == (-2, LedgerEntry.Kind.IMAGE, "a cat")
    assert figures(bob) == (3, 1)


def test_the_same_image_is_never_charged_twice(bob: User) -> None:
    held = ledger.hold(bob, 3, key="batch:1")
    ledger.capture(held, 1, key="prompt:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.capture(held, 1, key="prompt:1")
    assert figures(bob) == (4, 2)


@pytest.mark.parametrize("verb", [ledger.release, lambda held, n: ledger.capture(held, n, key="prompt:1")])
def test_a_hold_gives_no_more_than_it_has(bob: User, verb: object) -> None:
    held = ledger.hold(bob, 1, key="batch:1")
    with pytest.raises(LedgerError), transaction.atomic():
        verb(held, 2)
    assert figures(bob) == (5, 1)


def test_a_hold_of_another_account_gives_no_free_image(alice: User, bob: User) -> None:
    held = ledger.hold(bob, 1, key="batch:1")
    held.account = ledger.account_of(alice)
    with pytest.raises(LedgerError), transaction.atomic():
        ledger.capture(held, 1, key="prompt:1")
    assert figures(bob) == (5, 1)


def test_the_books_are_right_after_all_of_it(bob: User) -> None:
    held = ledger.hold(bob, 4, key="batch:1")
    ledger.capture(held, 1, key="prompt:1")
    ledger.release(held, 2)
    ledger.grant_by_operator(bob, -1, "a slip")
    assert unbalanced_accounts() == []
