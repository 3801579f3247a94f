"""The bill, the form and the API show the limits of the plan before a batch starts."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch
from batches.orders.submit import submit_order
from batches.tests.conftest import use_up
from billing import plans
from billing.credits import ledger
from billing.models import Hold
from billing.refusals import ListTooLong, NegativeBalance, TooManyStarts
from tests.cast import MakeBatch

pytestmark = pytest.mark.any_database


def test_a_list_longer_than_the_plan_allows_is_refused(bob: User, make_batch: MakeBatch) -> None:
    ledger.account_of(bob)
    with pytest.raises(ListTooLong) as refusal:
        make_batch(bob, 11)
    assert "up to 10 prompts" in refusal.value.sentence


def test_one_start_too_many_is_refused_and_stores_nothing(alice: User, make_batch: MakeBatch) -> None:
    for _ in range(10):
        make_batch(alice, 1)
    with pytest.raises(TooManyStarts):
        make_batch(alice, 1)
    assert (Batch.objects.count(), Hold.objects.count()) == (10, 10)


def test_the_same_form_again_is_no_further_start(alice: User, make_order: Any) -> None:
    keys = [uuid.uuid4() for _ in range(10)]
    batches = [submit_order(alice, make_order(1), key) for key in keys]
    assert submit_order(alice, make_order(1), keys[0]) == batches[0]


def test_a_negative_balance_starts_nothing(alice: User, make_batch: MakeBatch) -> None:
    ledger.take(ledger.account_of(alice), 6_000, kind="dispute", key="dp:1")
    with pytest.raises(NegativeBalance) as refusal:
        make_batch(alice, 1)
    assert "Your balance is -995 credits" in refusal.value.sentence


def of_length(form: dict[str, Any], prompts: int) -> dict[str, Any]:
    return form | {"prompts": "\n".join(f"a cat {number}" for number in range(prompts))}


def bill_of(client: Client, form: dict[str, Any]) -> str:
    return client.post(reverse("batches:bill") + "?fragment=1", form).content.decode()


def test_the_form_names_the_plans_limit(bobs: Client, bob: User, form: dict[str, Any]) -> None:
    response = bobs.post(reverse("batches:new"), of_length(form, 11))
    assert response.status_code == 422
    assert "up to 10 prompts" in response.content.decode()


def test_the_bill_names_it_before_the_start(bobs: Client, bob: User, form: dict[str, Any]) -> None:
    assert "up to 10 prompts" in bill_of(bobs, of_length(form, 11))


def test_the_bill_shows_what_is_left_of_the_day(bobs: Client, bob: User, form: dict[str, Any]) -> None:
    use_up(bob, 2)
    assert "3 of 5" in bill_of(bobs, of_length(form, 1))


def test_the_bill_says_that_the_run_will_wait(bobs: Client, bob: User, form: dict[str, Any], give_plan: Any) -> None:
    give_plan(bob, plans.STARTER)
    assert "continue automatically" in bill_of(bobs, of_length(form, 201))


def test_the_bill_shows_what_is_left_of_the_month(
    bobs: Client, bob: User, form: dict[str, Any], give_plan: Any
) -> None:
    give_plan(bob, plans.STARTER)
    assert "250 of 250" in bill_of(bobs, of_length(form, 1))


def test_the_bill_of_somebody_in_debt_says_so(bobs: Client, bob: User, form: dict[str, Any]) -> None:
    ledger.take(ledger.account_of(bob), 6, kind="dispute", key="dp:1")
    assert "Your balance is -1 credit because" in bill_of(bobs, of_length(form, 1))
