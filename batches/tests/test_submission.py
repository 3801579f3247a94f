"""Submitting a list: credits are held, the same key gives the same batch, the size does not count in queries."""

import uuid
from collections.abc import Callable

import pytest

from accounts.models import User
from batches.choices import BatchStatus, PromptStatus
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch, BatchEvent, Prompt
from batches.orders.bill import bill_of
from batches.orders.order import Order
from batches.orders.submit import submit_order
from billing.credits import ledger
from billing.credits.ledger import NotEnoughCredits
from billing.models import Hold
from tests.cast import MakeBatch, begin, deliver_next
from tests.counting import count_queries

MakeOrder = Callable[..., Order]


def test_a_batch_holds_the_credits_of_every_prompt(bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, 2, quality="medium")
    account = ledger.account_of(bob)
    assert (account.balance, account.held, account.left) == (5, 4, 1)


def test_a_new_batch_waits_for_a_worker(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    assert batch.status == BatchStatus.QUEUED
    assert set(batch.prompts.values_list("status", flat=True)) == {PromptStatus.QUEUED}
    assert batch.events.get().actor == alice


def test_without_enough_credits_nothing_is_stored(bob: User, make_order: MakeOrder) -> None:
    with pytest.raises(NotEnoughCredits) as caught:
        submit_order(bob, make_order(6), uuid.uuid4())
    assert (caught.value.needed, caught.value.left) == (6, 5)
    assert not any(model.objects.exists() for model in (Batch, Prompt, BatchEvent, Hold))


def test_two_batches_cannot_take_the_same_credits(bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, 3)
    with pytest.raises(NotEnoughCredits):
        make_batch(bob, 3)


def test_the_same_key_gives_the_same_batch(bob: User, make_order: MakeOrder) -> None:
    key = uuid.uuid4()
    first = submit_order(bob, make_order(3), key)
    assert submit_order(bob, make_order(3), key) == first
    assert ledger.account_of(bob).held == 3


def test_a_thousand_prompts_take_no_more_queries_than_ten_but_to_insert_them(
    alice: User, make_order: MakeOrder
) -> None:
    orders = make_order(10), make_order(1000)
    few, many = (count_queries(lambda order=order: submit_order(alice, order, uuid.uuid4())) for order in orders)
    # Django stores at most 999 values with one statement on SQLite.
    rows_per_statement = 999 // (len(Prompt._meta.concrete_fields) - 1)
    assert many - few <= 1000 / rows_per_statement


def test_positions_start_at_one_and_follow_the_list(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    assert list(batch.prompts.order_by("position").values_list("position", "text")) == [(1, "a cat"), (2, "a dog")]


def test_a_bill_stores_nothing(bob: User, make_order: MakeOrder) -> None:
    bill = bill_of(bob, make_order(7))
    assert bill.missing == 2
    assert not Hold.objects.exists()


def test_a_bill_estimates_by_the_last_images_of_that_model_and_quality(
    alice: User, make_batch: MakeBatch, make_order: MakeOrder
) -> None:
    batch = make_batch(alice, 3)
    for seconds in (2.0, 4.0, 30.0):
        prompt = deliver_next(batch)
        Prompt.objects.filter(pk=prompt.pk).update(duration_seconds=seconds)
    assert bill_of(alice, make_order(10)).seconds == 40


def test_an_image_is_charged_from_the_hold(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    prompt = deliver_next(batch)
    account = ledger.account_of(bob)
    assert (account.balance, account.held) == (4, 1)
    assert prompt.charge.key == f"prompt:{prompt.pk}"
    assert holds_that_do_not_add_up() == []


def test_a_batch_in_flight_cannot_be_taken_twice(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    begin(batch)
    with pytest.raises(AssertionError):
        begin(batch)


def test_a_list_larger_than_a_statement_of_mariadb_is_stored(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["🦊" * 32_000] * 150)
    assert [len(piece) for piece in batch.prompts.in_pieces("text")] == [100, 50]
    assert batch.prompts.all().character_count() == 150 * 32_000
