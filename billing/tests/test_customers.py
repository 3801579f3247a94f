"""One customer at Stripe for each user, however many tabs ask for it at once."""

from typing import Any

import pytest
from django.utils import timezone
from djstripe.models import Customer

from accounts.models import User
from billing.payments import customers
from billing.stripe import client

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_stripe(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for Stripe's customers, which it makes once for each idempotency key."""
    made: dict[str, Any] = {}

    def create(key: str, **params: Any) -> dict[str, Any]:
        return made.setdefault(key, {"id": f"cus_{len(made)}", **params})

    def mirror(data: dict[str, Any]) -> Customer:
        terms = {"livemode": False, "metadata": data["metadata"], "stripe_data": data}
        return Customer.objects.get_or_create(id=data["id"], defaults=terms)[0]

    monkeypatch.setattr(client, "create_customer", create)
    monkeypatch.setattr(customers.Customer, "sync_from_stripe_data", staticmethod(mirror))
    return made


def click(user: User, language: str = "en") -> str:
    """Do what a click does that has seen no customer yet, though another click is making one."""
    return customers._create(user, {"email": user.email, "name": user.name, "preferred_locales": [language]})


def test_two_clicks_at_once_make_one_customer(bob: User, at_stripe: dict[str, Any]) -> None:
    assert click(bob) == click(bob)
    assert len(at_stripe) == 1


def test_two_tabs_in_two_languages_pay_as_one_customer(bob: User, at_stripe: dict[str, Any]) -> None:
    assert click(bob) == click(bob, "es")
    assert Customer.objects.filter(subscriber=bob).count() == 1


def test_a_deleted_customer_is_replaced(bob: User, at_stripe: dict[str, Any]) -> None:
    first = click(bob)
    Customer.objects.filter(id=first).update(subscriber=None, date_purged=timezone.now())
    assert click(bob) != first
