"""Databases from before there were grants: what a customer has is the same afterwards, and explained."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.models import CreditGrant, Hold
from tests.cast import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str | None) -> Any:
    """Bring billing's tables to that migration, None: all tables to the newest. Return the models as they are then.

    Going back also undoes migrations of other apps that depend on billing's.
    """
    executor = MigrationExecutor(connection)
    targets = [("billing", name)] if name else executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@contextmanager
def first_schema() -> Iterator[Any]:
    """Give the models of the first schema, and come back from it whatever happens."""
    try:
        yield migrate("0001_initial")
    finally:
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


@dataclass(frozen=True)
class Customers:
    """What was found after the way to the newest schema, and after the way back."""

    grants: dict[str, list[tuple[str, int]]]
    left: int
    unbalanced: list[str]
    held_at: datetime
    back: dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def customers(django_db_setup: None, django_db_blocker: Any) -> Customers:
    """Take three customers to the newest schema and back, once for all tests: each way takes seconds."""
    with django_db_blocker.unblock():
        with first_schema() as models:
            alice, bob, charlie = (make_person(name) for name in ("Alice", "Bob", "Charlie"))
            User.objects.filter(pk=bob.pk).update(date_joined="2026-01-01T00:00Z")
            open_account(models, alice, [("free", 5), ("image", -1)])
            open_account(models, bob, [("free", 5), ("operator", 10), ("image", -7), ("goodwill", 3)], held=2)
            open_account(models, charlie, [("free", 5), ("operator", -9)])
        grants = {user.name: remaining(user) for user in (alice, bob, charlie)}
        left, unbalanced = ledger.account_of(bob).left, unbalanced_accounts()
        held_at = Hold.objects.get(account__user=bob).created_at
        with first_schema() as models:
            accounts = models.get_model("billing", "CreditAccount").objects.order_by("pk")
            back = {account.user.name: (account.balance, account.entries.count()) for account in accounts}
        return Customers(grants, left, unbalanced, held_at, back)


def test_what_was_given_becomes_grants_the_oldest_spent_first(customers: Customers) -> None:
    assert customers.grants["Bob"] == [("free", 0), ("operator", 8), ("goodwill", 3)]
    assert (customers.left, customers.unbalanced) == (9, [])


def test_a_customer_in_debt_has_nothing_left(customers: Customers) -> None:
    assert customers.grants["Charlie"] == [("free", 0)]
    assert customers.unbalanced == []


def test_old_batches_are_no_starts_of_this_hour(customers: Customers) -> None:
    assert (customers.held_at.year, customers.held_at.month) == (2026, 1)


def test_the_way_back_keeps_the_ledger(customers: Customers) -> None:
    assert customers.back == {"Alice": (4, 2), "Bob": (11, 4), "Charlie": (-4, 2)}
