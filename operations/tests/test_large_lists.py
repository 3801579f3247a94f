"""Lists of tables with millions of rows: limited counts, searches by index, text only in a part of the table."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from djstripe.models import Customer

from accounts.models import User
from batches.models import Prompt
from billing import plans
from billing.credits import ledger
from billing.models import CreditGrant, DelayedPayment, LedgerEntry, Membership
from lib import large_table_admin
from tests.cast import MakeBatch

PROMPTS = reverse("admin:batches_prompt_changelist")
USERS = reverse("admin:accounts_user_changelist")


def found(client: Client, path: str, words: str, **query: Any) -> list[Any]:
    return list(client.get(path, {"q": words, **query}).context["cl"].result_list)


@pytest.fixture
def prompt(alice: User, bob: User, make_batch: MakeBatch) -> Prompt:
    """Alice's prompt about a heron; Bob has one, too."""
    make_batch(bob, ["a heron in the rain"])
    return make_batch(alice, ["a heron at dawn"]).prompts.get()


def test_rows_are_counted_up_to_a_limit(
    olgas: Client, alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_table_admin, "MOST_ROWS", 2)
    make_batch(alice, 5)
    with CaptureQueriesContext(connection) as queries:
        page = olgas.get(PROMPTS)
    assert page.context["cl"].result_count == 3
    assert "There are more than" in page.content.decode()
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "batches_prompt" in query["sql"]]
    assert counts
    assert all("LIMIT 3" in sql for sql in counts)


def test_a_list_with_fewer_rows_has_no_more(olgas: Client, prompt: Prompt) -> None:
    assert "There are more than" not in olgas.get(PROMPTS).content.decode()


def test_text_alone_is_not_searched(olgas: Client, prompt: Prompt) -> None:
    page = olgas.get(PROMPTS, {"q": "heron"})
    assert list(page.context["cl"].result_list) == []
    assert "Add a batch id, an email address or a day" in page.content.decode()


@pytest.mark.parametrize("narrow", ["{batch}", "alice@", "{today} alice@"])
def test_text_is_searched_in_a_part_of_the_table(olgas: Client, prompt: Prompt, narrow: str) -> None:
    words = narrow.format(batch=prompt.batch_id, today=f"{timezone.now():%Y-%m-%d}")
    assert found(olgas, PROMPTS, f"{words} heron") == [prompt]
    assert found(olgas, PROMPTS, f"{words} stork") == []


def test_the_last_possible_day_can_be_searched_for(olgas: Client, prompt: Prompt) -> None:
    assert found(olgas, PROMPTS, "9999-12-31") == []


def test_text_is_searched_in_a_day(olgas: Client, prompt: Prompt) -> None:
    today = timezone.now()
    assert len(found(olgas, PROMPTS, f"{today:%Y-%m-%d} heron")) == 2
    assert found(olgas, PROMPTS, f"{today - timedelta(days=1):%Y-%m-%d} heron") == []


@pytest.mark.parametrize("filtered", ["batch__id__exact", "batch__user__id__exact"])
def test_text_is_searched_in_what_a_page_links_to(olgas: Client, prompt: Prompt, filtered: str) -> None:
    value = prompt.batch_id if "batch__id" in filtered else prompt.batch.user_id
    assert found(olgas, PROMPTS, "heron", **{filtered: value}) == [prompt]


def test_a_prompt_is_found_by_the_request_id_of_its_call(olgas: Client, prompt: Prompt) -> None:
    Prompt.objects.filter(pk=prompt.pk).update(request_id="req_123")
    assert found(olgas, PROMPTS, "req_123") == [prompt]


def test_a_movement_of_credits_is_found_by_its_key(olgas: Client, alice: User) -> None:
    ledger.grant(ledger.account_of(alice), 5, origin=CreditGrant.Origin.PACK, key="cs:cs_1")
    path = reverse("admin:billing_ledgerentry_changelist")
    assert [entry.key for entry in found(olgas, path, "cs:cs_1")] == ["cs:cs_1"]


def test_a_customers_page_links_to_lists_that_have_only_theirs(olgas: Client, prompt: Prompt, alice: User) -> None:
    page = olgas.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    for name, parameter in (
        ("batches_prompt", "batch__user__id__exact"),
        ("billing_ledgerentry", "account__user__id__exact"),
    ):
        path = reverse(f"admin:{name}_changelist", query={parameter: alice.pk})
        assert path in page
        assert olgas.get(path).status_code == 200
    entries = found(olgas, reverse("admin:billing_ledgerentry_changelist"), "", account__user__id__exact=alice.pk)
    assert entries == list(LedgerEntry.objects.of(alice))


@pytest.fixture
def paying(alice: User) -> User:
    """Alice, known to Stripe by ids of every kind."""
    Customer.objects.create(id="cus_1", subscriber=alice, livemode=False, stripe_data={})
    now = timezone.now()
    terms = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    Membership.objects.activate(alice, plans.STARTER.key, stripe_subscription="sub_1", **terms)
    payment = {"payment_intent": "pi_1", "invoice": "in_1"}
    ledger.grant(ledger.account_of(alice), 5, origin=CreditGrant.Origin.PACK, key="in:in_1", **payment)
    DelayedPayment.objects.create(user=alice, payment_intent="pi_2", invoice="in_2", amount=500, currency="usd")
    return alice


def test_a_customer_is_found_by(olgas: Client, paying: User, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(paying)
    make_batch(bob)
    words = ["ALICE@example", "lice", "cus_1", "sub_1", "pi_1", "pi_2", "in_1", "in_2", str(batch.pk)]
    assert {word: found(olgas, USERS, word) for word in words} == {word: [paying] for word in words}


@pytest.mark.parametrize("words", ["cus_2", "sub_2", "pi_3", "in_3", str(uuid.UUID(int=7))])
def test_nobody_is_found_by_another_id(olgas: Client, paying: User, words: str) -> None:
    assert found(olgas, USERS, words) == []
