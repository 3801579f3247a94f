"""Nobody learns from our pages who has an account; the owner of the address learns it from the mail."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.any_database

FORMS = {"account_signup": "email", "account_login": "login", "account_reset_password": "email"}


def answer(name: str, address: str) -> tuple[int, str, str]:
    client = Client()
    answer = client.post(reverse(name), {FORMS[name]: address})
    page = client.get(answer.url).content.decode()
    return answer.status_code, answer.url, page.split("<main")[1].split("</form>")[0].replace(address, "")


def without_token(page: tuple[int, str, str]) -> tuple[int, str, list[str]]:
    status, url, text = page
    return status, url, [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]


@pytest.mark.parametrize("name", FORMS)
def test_known_and_unknown_addresses_get_the_same_page(name: str, bob: User) -> None:
    assert without_token(answer(name, bob.email)) == without_token(answer(name, "nobody@example.org"))


@pytest.mark.parametrize(
    ("name", "subject"),
    [("account_signup", "You already have an account"), ("account_login", "Your sign-in code")],
)
def test_the_owner_gets_an_email(name: str, subject: str, bob: User, mailoutbox: list[Any]) -> None:
    answer(name, bob.email)
    assert mailoutbox[-1].subject == subject


def test_an_unknown_address_gets_an_email(db: None, mailoutbox: list[Any]) -> None:
    answer("account_login", "nobody@example.org")
    assert "No account with this address" in mailoutbox[-1].subject


def work(name: str, address: str, mails: list[Any]) -> tuple[int, int, int]:
    """Return how many statements and how many inserts an address costs, and how many mails."""
    mails.clear()
    with CaptureQueriesContext(connection) as queries:
        Client().post(reverse(name), {FORMS[name]: address})
    return len(queries), sum(query["sql"].startswith("INSERT") for query in queries), len(mails)


@pytest.mark.parametrize("name", FORMS)
def test_known_and_unknown_addresses_cost_the_same(name: str, bob: User, mailoutbox: list[Any]) -> None:
    assert work(name, bob.email, mailoutbox) == work(name, "nobody@example.org", mailoutbox)


def test_a_known_address_leaves_no_account_behind(bob: User, mailoutbox: list[Any]) -> None:
    work("account_signup", bob.email, mailoutbox)
    assert User.objects.get() == bob
