"""Accounts for the tests of credits."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from batches.ledger_check import holds_that_do_not_add_up
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.models import CreditAccount, CreditGrant

Give = Callable[..., CreditGrant]


@pytest.fixture(autouse=True)
def books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prove the ledger at the end of every test that has one."""
    has_database = "db" in request.fixturenames
    if has_database:
        request.getfixturevalue("db")
    yield
    if has_database:
        assert unbalanced_accounts() + holds_that_do_not_add_up() == []


@pytest.fixture
def account(bob: User) -> CreditAccount:
    """Bob's account, with the five free credits taken away."""
    ledger.grant_by_operator(bob, -5, "taken")
    return ledger.account_of(bob)


@pytest.fixture
def give(account: CreditAccount) -> Give:
    """Give Bob credits that end in so many days (never by default) and return their grant."""
    numbers = itertools.count()

    def _give(amount: int, days: float | None = None, **terms: Any) -> CreditGrant:
        key = f"test:{next(numbers)}"
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        assert ledger.grant(account, amount, **{"origin": "pack", "key": key, "expires_at": expires_at, **terms})
        return CreditGrant.objects.get(key=terms.get("key", key))

    return _give
