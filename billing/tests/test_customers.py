"""One customer at Stripe for each user, however many tabs ask for it at once, with data that are the customer's own."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.signals import email_changed
from django.conf import settings
from django.utils import timezone
from djstripe.models import Customer

from accounts.models import User
from billing.payments import customers
from billing.stripe import client

pytestmark = pytest.mark.django_db


class AtStripe:
    """Stripe's customers, of which it makes one for each idempotency key."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []
        self.is_down = False
        #: What happens while the next customer is made.
        self.meanwhile: Callable[[], object] | None = None

    def create(self, key: str, **params: Any) -> dict[str, Any]:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        return self.made.setdefault(key, {"id": f"cus_{len(self.made)}", **params})

    def retrieve(self, customer_id: str) -> dict[str, Any]:
        return next(each for each in self.made.values() if each["id"] == customer_id)

    def update(self, customer_id: str, **params: Any) -> dict[str, Any]:
        if self.is_down:
            raise client.StripeBusy("down")
        self.sent.append({name: value for name, value in params.items() if name != "metadata"})
        found = self.retrieve(customer_id)
        metadata = {**found["metadata"], **params.pop("metadata", {})}
        found.update(params, metadata=metadata)
        return found

    def mirror(self, data: dict[str, Any]) -> Customer:
        terms = {
            "livemode": settings.STRIPE_LIVE_MODE,
            "metadata": data["metadata"],
            "email": data["email"],
            "stripe_data": data,
        }
        return Customer.objects.update_or_create(id=data["id"], defaults=terms)[0]


@pytest.fixture
def at_stripe(monkeypatch: pytest.MonkeyPatch) -> AtStripe:
    stripe = AtStripe()
    monkeypatch.setattr(client, "create_customer", stripe.create)
    monkeypatch.setattr(client, "customer", stripe.retrieve)
    monkeypatch.setattr(client, "update_customer", stripe.update)
    monkeypatch.setattr(customers.Customer, "sync_from_stripe_data", staticmethod(stripe.mirror))
    return stripe


def click_in_two_tabs(user: User, at_stripe: AtStripe, *languages: str) -> set[str]:
    """Return the customers of two clicks; the second comes while Stripe makes a customer for the first."""
    first, second = languages
    found = set()
    at_stripe.meanwhile = lambda: found.add(customers.customer_of(user, second))
    found.add(customers.customer_of(user, first))
    return found


def change_email(user: User, email: str) -> None:
    """Change the address of the account, as allauth does."""
    User.objects.filter(pk=user.pk).update(email=email)
    user.refresh_from_db()
    email_changed.send(sender=User, request=None, user=user, from_email_address=None, to_email_address=None)


def test_two_clicks_at_once_make_one_customer(bob: User, at_stripe: AtStripe) -> None:
    assert len(click_in_two_tabs(bob, at_stripe, "en", "en")) == 1
    assert len(at_stripe.made) == 1


def test_two_tabs_in_two_languages_pay_as_one_customer(bob: User, at_stripe: AtStripe) -> None:
    assert len(click_in_two_tabs(bob, at_stripe, "en", "es")) == 1
    assert Customer.objects.filter(subscriber=bob).count() == 1


def test_a_customer_of_the_test_mode_is_not_used_with_a_live_key(
    bob: User, at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_customer = customers.customer_of(bob, "en")
    monkeypatch.setattr(settings, "STRIPE_LIVE_MODE", True)
    live_customer = customers.customer_of(bob, "es")
    assert live_customer != test_customer
    assert customers.known_customer_of(bob) == live_customer


def test_a_deleted_customer_is_replaced(bob: User, at_stripe: AtStripe) -> None:
    first = customers.customer_of(bob, "en")
    Customer.objects.filter(id=first).update(subscriber=None, date_purged=timezone.now())
    assert customers.customer_of(bob, "en") != first


@pytest.mark.parametrize("name", ["", "Bob"])
def test_a_name_is_sent_with_a_new_customer_if_there_is_one(bob: User, at_stripe: AtStripe, name: str) -> None:
    bob.name = name
    customer = at_stripe.retrieve(customers.customer_of(bob, "en"))
    assert customer.get("name", "") == name
    assert ("name" in customer) == bool(name)


def test_what_the_customer_set_at_stripe_stays(bob: User, at_stripe: AtStripe) -> None:
    customer_id = customers.customer_of(bob, "en")
    at_stripe.retrieve(customer_id).update(name="Bob & Sons Ltd", email="bills@bobandsons.example")
    customers.customer_of(bob, "en")
    assert at_stripe.sent == []
    customers.customer_of(bob, "es")
    assert at_stripe.sent == [{"preferred_locales": ["es"]}]


def test_a_changed_address_is_sent_at_once_and_alone(
    bob: User, at_stripe: AtStripe, django_capture_on_commit_callbacks: Any
) -> None:
    customers.customer_of(bob, "en")
    with django_capture_on_commit_callbacks(execute=True):
        change_email(bob, "robert@example.org")
    customers.customer_of(bob, "en")
    assert at_stripe.sent == [{"email": "robert@example.org"}]


def test_an_address_that_could_not_be_sent_is_found_by_reconcile(
    bob: User, alice: User, at_stripe: AtStripe, django_capture_on_commit_callbacks: Any
) -> None:
    for user in (alice, bob):
        customers.customer_of(user, "en")
    at_stripe.is_down = True
    with django_capture_on_commit_callbacks(execute=True):
        change_email(bob, "robert@example.org")
    at_stripe.is_down = False
    assert customers.with_another_email_address() == [bob]
    customers.send_email_address(bob)
    assert customers.with_another_email_address() == []


def test_who_has_never_paid_changes_their_address_without_stripe(
    bob: User, at_stripe: AtStripe, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_email(bob, "robert@example.org")
    assert at_stripe.sent == []
