"""A user is known by an email address, whatever its case."""

import pytest
from django.db import IntegrityError

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_two_addresses_differing_in_case_are_one_person() -> None:
    User.objects.create_user("Alice@Example.org")
    with pytest.raises(IntegrityError):
        User.objects.create_user("alice@example.ORG")


def test_a_user_is_found_whatever_the_case() -> None:
    user = User.objects.create_user("alice@example.org")
    assert User.objects.get_by_natural_key("ALICE@example.org") == user


def test_saving_keeps_the_address_in_lower_case() -> None:
    user = User.objects.create_user("alice@example.org")
    user.email = "New@Example.org"
    user.save()
    assert User.objects.get().email == "new@example.org"


@pytest.mark.parametrize(
    ("name", "full", "short"), [("Ana María Ruiz", "Ana María Ruiz", "Ana"), ("", "ana@example.org", "ana")]
)
def test_a_user_is_called_by_name_or_address(name: str, full: str, short: str) -> None:
    user = User.objects.create_user("ana@example.org", name=name)
    assert (user.get_full_name(), user.get_short_name()) == (full, short)
