"""The list of one's batches: newest first, in pages, with as many queries for many as for few."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import plans
from billing.models import Membership
from tests.cast import MakeBatch
from tests.counting import count_page_queries

LIST = reverse("batches:list")


def test_the_newest_comes_first(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    older, newer = make_batch(alice), make_batch(alice)
    assert list(alices.get(LIST).context["page"]) == [newer, older]


@pytest.fixture
def busy_alice(alice: User, give_plan: Callable[..., Membership]) -> User:
    """Alice with a plan that starts as many batches as she likes."""
    give_plan(alice, plans.PARTNER)
    return alice


def test_a_long_list_has_pages(alices: Client, busy_alice: User, make_batch: MakeBatch) -> None:
    batches = [make_batch(busy_alice, 1) for _ in range(25)]
    assert len(alices.get(LIST).context["page"]) == 24
    assert list(alices.get(LIST, {"page": 2}).context["page"]) == [batches[0]]


def test_an_empty_list_says_what_to_do(alices: Client) -> None:
    assert reverse("batches:new") in alices.get(LIST).content.decode()


def test_many_batches_take_as_many_queries_as_few(alices: Client, busy_alice: User, make_batch: MakeBatch) -> None:
    make_batch(busy_alice, 1)
    few = count_page_queries(alices, LIST)
    for _ in range(12):
        make_batch(busy_alice, 1)
    assert count_page_queries(alices, LIST) == few


def test_the_home_page_takes_as_many_queries_for_many_batches(
    alices: Client, alice: User, make_batch: MakeBatch
) -> None:
    make_batch(alice, 1)
    few = count_page_queries(alices, reverse("home"))
    for _ in range(8):
        make_batch(alice, 1)
    assert count_page_queries(alices, reverse("home")) == few
