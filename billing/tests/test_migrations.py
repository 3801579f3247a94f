"""Databases from before there were grants: what a customer has is the same afterwards, and explained."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.models import CreditGrant, Hold

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str | None) -> Any:
    """Bring billing's tables to that migration, None: all tables to the newest. Return the models as they are then.

    Going back also undoes migrations of other apps that depend on billing's.
    """
    executor = MigrationExecutor(connection)
    targets = [("billing", name)] if name else executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def old_models() -> Iterator[Any]:
    """Give the first schema, and come back from it whatever happens."""
    yield migrate("0001_initial")
    migrate(None)


def open_account(models: Any, user: User, movements: list[tuple[str, int]], held: int = 0) -> None:
    account = models.get_model("billing", "CreditAccount").objects.create(
        user_id=user.pk, balance=sum(amount for _, amount in movements), held=held
    )
    for number, (kind, amount) in enumerate(movements):
        account.entries.create(kind=kind, amount=amount, key=f"{user.pk}:{number}")
    account.holds.create(key=f"batch:{user.pk}", credits=held)


def remaining(user: User) -> list[tuple[str, int]]:
    return list(CreditGrant.objects.filter(account__user=user).order_by("pk").values_list("origin", "remaining"))


def test_what_was_given_becomes_grants_the_oldest_spent_first(old_models: Any, bob: User) -> None:
    open_account(old_models, bob, [("free", 5), ("operator", 10), ("image", -7), ("goodwill", 3)], held=2)
    migrate(None)
    assert remaining(bob) == [("free", 0), ("operator", 8), ("goodwill", 3)]
    assert (ledger.account_of(bob).left, unbalanced_accounts()) == (9, [])


def test_a_customer_in_debt_has_nothing_left(old_models: Any, bob: User) -> None:
    open_account(old_models, bob, [("free", 5), ("operator", -9)])
    migrate(None)
    assert remaining(bob) == [("free", 0)]
    assert unbalanced_accounts() == []


def test_old_batches_are_no_starts_of_this_hour(old_models: Any, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(date_joined="2026-01-01T00:00Z")
    open_account(old_models, bob, [("free", 5)], held=1)
    migrate(None)
    assert Hold.objects.get().created_at.year == 2026
    assert Hold.objects.get().created_at.month == 1


def test_the_way_back_keeps_the_ledger(old_models: Any, bob: User) -> None:
    open_account(old_models, bob, [("free", 5), ("image", -1)])
    migrate(None)
    older = migrate("0001_initial")
    assert older.get_model("billing", "CreditAccount").objects.get().balance == 4
    assert older.get_model("billing", "LedgerEntry").objects.count() == 2
