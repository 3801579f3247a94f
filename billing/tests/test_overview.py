"""The page of plan and credits: the customer's own figures, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from djstripe.models import Customer, Subscription

from accounts.models import User
from billing import plans
from billing.credits import ledger
from billing.credits.statement import PAGE_SIZE
from billing.models import Membership
from billing.tests.conftest import Give
from tests.counting import count_page_queries

pytestmark = pytest.mark.any_database

URL = "/account/billing/"


def text(client: Client, url: str = URL) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_the_address_is_the_contracts() -> None:
    assert reverse("billing:overview") == URL


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.get(URL).url.startswith(reverse("account_login"))


def test_it_shows_what_can_be_used_and_what_is_set_aside(bobs: Client, bob: User) -> None:
    ledger.hold(bob, 2, key="batch:1")
    page = text(bobs)
    assert "Available credits</dt><dd>3<" in page
    assert "Reserved for running batches</dt><dd>2<" in page


def test_it_shows_plan_month_and_end(bobs: Client, bob: User, give_plan: Callable[..., Membership]) -> None:
    membership = give_plan(bob, plans.STARTER)
    page = text(bobs)
    assert "250 of 250" in page
    assert f'<time datetime="{membership.cancel_at.isoformat()[:19]}' in page


def test_the_statement_is_in_pages(bobs: Client, give: Give) -> None:
    for _ in range(PAGE_SIZE):
        give(1)
    assert text(bobs).count('class="statement-words"') == PAGE_SIZE
    assert text(bobs, URL + "?page=2").count('class="statement-words"') == 2


def subscribe(user: User) -> Membership:
    now = timezone.now()
    terms = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    return Membership.objects.activate(user, plans.STARTER.key, **terms)


def test_a_failed_payment_is_shown(bobs: Client, bob: User) -> None:
    membership = subscribe(bob)
    membership.mark_past_due(membership.period_end)
    for page in (URL, "/"):
        assert "Your last payment failed. Pay it or update your card before" in text(bobs, page)


def test_after_the_grace_the_page_says_why_the_plan_has_ended(bobs: Client, bob: User) -> None:
    subscribe(bob).mark_past_due(timezone.now())
    assert "so your Starter plan is on hold" in text(bobs)


def test_a_negative_balance_is_shown(bobs: Client, bob: User) -> None:
    ledger.take(ledger.account_of(bob), 8, kind="dispute", key="dp:1")
    assert "Your balance is -3 credits because" in text(bobs)


def test_others_figures_are_not_on_it(bobs: Client, alice: User) -> None:
    assert "paid" not in text(bobs)


def test_it_takes_few_queries_however_long_the_statement(bobs: Client, give: Give) -> None:
    for _ in range(30):
        give(1)
    assert count_page_queries(bobs, URL) <= 26


@pytest.mark.parametrize("url_name", ["pricing", "billing:overview"])
def test_packs_and_plans_are_offered_at_the_catalogues_price(bobs: Client, url_name: str) -> None:
    page = text(bobs, reverse(url_name))
    assert all(f"<strong>{product.price}</strong>" in page for product in (*plans.PLANS, *plans.PACKS))


def test_pricing_shows_what_each_quality_costs(client: Client, db: None) -> None:
    page = text(client, "/pricing/")
    assert '<td data-kind="number" data-label="Very high">14</td>' in page
    assert "From 1.6 cents per image" in page


def test_a_list_that_cannot_start_is_not_begun_unwarned(bobs: Client, bob: User) -> None:
    ledger.take(ledger.account_of(bob), 8, kind="dispute", key="dp:1")
    assert "Your balance is negative, so you can’t start new batches." in text(bobs, "/batches/new/")


def test_ones_own_plan_is_marked(bobs: Client, bob: User, give_plan: Callable[..., Membership]) -> None:
    give_plan(bob, plans.PRO)
    assert text(bobs, "/pricing/").count("Your plan") == 1


@pytest.mark.parametrize(("left", "words"), [(2, "You have only 2 credits left"), (0, "You’ve used all your credits")])
def test_home_hints_at_few_credits(bobs: Client, bob: User, left: int, words: str) -> None:
    ledger.grant_by_operator(bob, left - 5, "taken")
    assert words in text(bobs, "/")


def test_home_leaves_alone_who_has_enough(bobs: Client) -> None:
    assert "left." not in text(bobs, "/")


@pytest.mark.parametrize(("cents", "words"), [(500, "$5"), (450, "$4.50"), (1_905, "$19.05"), (-40, "-$0.40")])
def test_prices_are_written_as_people_do(cents: int, words: str) -> None:
    assert plans.dollars(cents) == words


def test_prices_are_written_as_spanish_speakers_do() -> None:
    with translation.override("es"):
        assert plans.dollars(123_450) == "USD 1\N{NO-BREAK SPACE}234,50"


def test_every_product_is_found_by_its_lookup_key() -> None:
    sold: tuple[Any, ...] = (*plans.PLANS, *plans.PACKS)
    assert [plans.by_lookup_key(product.lookup_key) for product in sold] == list(sold)
    assert plans.by_lookup_key("free") is None


@pytest.mark.parametrize(("status", "is_offered"), [("active", False), ("past_due", False), ("canceled", True)])
def test_no_plan_is_offered_while_another_one_is_not_paid(
    bobs: Client, bob: User, status: str, is_offered: bool
) -> None:
    customer = Customer.objects.create(id="cus_bob", subscriber=bob, livemode=False, stripe_data={})
    Subscription.objects.create(id="sub_1", customer=customer, livemode=False, stripe_data={"status": status})
    assert ("Choose Starter" in text(bobs)) is is_offered
