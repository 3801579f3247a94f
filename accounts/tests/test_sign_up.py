"""Making an account takes an address and the code mailed to it."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.conftest import ReadCode

pytestmark = pytest.mark.django_db
ADDRESS = "dora@example.org"


def sign_up(client: Client, address: str = ADDRESS) -> None:
    answer = client.post(reverse("account_signup"), {"email": address})
    assert answer.url == reverse("account_email_verification_sent")


def enter(client: Client, code: str) -> int:
    return client.post(reverse("account_email_verification_sent"), {"code": code}).status_code


def test_the_right_code_signs_in_with_a_verified_address(client: Client, read_code: ReadCode) -> None:
    sign_up(client)
    enter(client, read_code(ADDRESS))
    assert client.get(reverse("account")).status_code == 200
    assert EmailAddress.objects.get(email=ADDRESS).verified


def test_new_customers_can_add_a_second_factor_without_another_code(client: Client, read_code: ReadCode) -> None:
    sign_up(client)
    enter(client, read_code(ADDRESS))
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_a_wrong_code_signs_nobody_in(client: Client) -> None:
    sign_up(client)
    assert enter(client, "AAAA-AAAA") == 200
    assert client.get(reverse("account")).status_code == 302


def test_the_third_wrong_code_ends_it(client: Client, read_code: ReadCode) -> None:
    sign_up(client)
    for _ in range(3):
        enter(client, "AAAA-AAAA")
    enter(client, read_code(ADDRESS))
    assert client.get(reverse("account")).status_code == 302


def test_the_new_account_has_no_password(client: Client, read_code: ReadCode) -> None:
    sign_up(client)
    enter(client, read_code(ADDRESS))
    assert not User.objects.get(email=ADDRESS).has_usable_password()


def test_the_form_asks_for_the_address_only(client: Client) -> None:
    form = client.get(reverse("account_signup")).context["form"]
    assert list(form.fields) == ["email"]


def test_capital_letters_make_no_second_account(client: Client, bob: User) -> None:
    sign_up(client, "BOB@example.org")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["bob@exam\u200bple.org", "bob@\uff45xample.org", "bo\u017f@example.org", "bob@-ä.org"]
)
def test_an_address_that_a_database_may_take_for_another_is_refused(client: Client, bob: User, address: str) -> None:
    answer = client.post(reverse("account_signup"), {"email": address})
    assert "Enter a valid email address." in answer.content.decode()
    assert User.objects.count() == 1


def test_a_domain_can_have_letters_of_any_language(client: Client, read_code: ReadCode) -> None:
    sign_up(client, "dora@bücher.example")
    enter(client, read_code("dora@bücher.example"))
    assert EmailAddress.objects.get().verified
