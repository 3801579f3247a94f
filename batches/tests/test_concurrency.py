"""Customers, tabs and workers at the same time, on connections of their own: the books stay right."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus
from batches.models import Batch, Prompt
from batches.orders.order import Order
from batches.orders.submit import submit_order
from batches.runs import leases, outcomes, turns
from billing import plans
from billing.credits import ledger
from billing.credits.ledger import NotEnoughCredits
from billing.models import Hold
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]
MakeOrder = Callable[..., Order]
ROUNDS = 5
TABS = 4


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment and return their results; losing the race is a result, too."""
    start = threading.Barrier(len(calls))

    def runner(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except (NotEnoughCredits, leases.LeaseLost) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(runner, call) for call in calls]]


def work(batch: Batch) -> None:
    """Advance a batch until there is nothing more to do, as a worker does."""
    while turns.advance(batch.pk) is not None:
        pass


def deliver(batch: Batch, count: int) -> None:
    """Make the next images of a batch, without asking an upstream."""
    for _ in range(count):
        deliver_next(batch)


def test_a_form_sent_by_four_tabs_at_once_makes_one_batch(bob: User, make_order: MakeOrder) -> None:
    order, key = make_order(5), uuid.uuid4()
    assert len(set(race(*[partial(submit_order, bob, order, key)] * TABS))) == 1
    assert Batch.objects.get().hold.credits == 5


def test_forms_sent_at_once_share_the_last_credits(bob: User, make_order: MakeOrder) -> None:
    orders = [make_order(2) for _ in range(TABS)]
    results = race(*[partial(submit_order, bob, order, uuid.uuid4()) for order in orders])
    assert sorted(type(result).__name__ for result in results) == ["Batch"] * 2 + ["NotEnoughCredits"] * 2
    assert Batch.objects.count() == Hold.objects.count() == 2


def test_the_free_credits_are_given_once_to_four_tabs(bob: User) -> None:
    race(*[partial(ledger.account_of, bob)] * TABS)
    assert ledger.account_of(bob).balance == 5


def test_batches_can_be_submitted_while_images_arrive(
    alice: User, make_batch: MakeBatch, make_order: MakeOrder, give_plan: Callable[..., object]
) -> None:
    give_plan(alice, plans.PRO)
    batches = [make_batch(alice, 4) for _ in range(2)]
    orders = [make_order(5) for _ in range(TABS)]
    submits = [partial(submit_order, alice, order, uuid.uuid4()) for order in orders]
    race(*[partial(deliver, batch, 4) for batch in batches], *submits)
    assert Batch.objects.filter(status=BatchStatus.FINISHED).count() == 2
    assert Batch.objects.count() == 2 + TABS


def test_credits_given_while_images_arrive_add_up(alice: User, make_batch: MakeBatch) -> None:
    before = ledger.account_of(alice).balance
    batches = [make_batch(alice, 4) for _ in range(2)]
    gifts = [partial(ledger.grant_by_operator, alice, 1, "gift")] * TABS
    race(*[partial(deliver, batch, 4) for batch in batches], *gifts)
    assert ledger.account_of(alice).balance == before - 2 * 4 + TABS


def test_a_batch_cancelled_by_four_tabs_gives_credits_back_once(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    tabs = [Batch.objects.get(pk=batch.pk) for _ in range(TABS)]
    assert sorted(race(*[partial(lifecycle.cancel, tab, bob) for tab in tabs])) == [False] * 3 + [True]
    assert ledger.account_of(bob).left == 5


def test_a_batch_is_claimed_by_one_worker(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    tokens = race(*[partial(leases.claim, batch.pk)] * 4)
    assert len([token for token in tokens if token]) == 1


def test_two_workers_make_each_image_once(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, 6)
    race(*[partial(work, batch)] * 3)
    work(batch)
    assert batch.prompts.filter(status=PromptStatus.READY).count() == len(upstream.calls()) == 6


def test_cancelling_while_the_worker_makes_images(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(lifecycle.cancel, batch, alice))
        batch.refresh_from_db()
        assert batch.status in (BatchStatus.CANCELLED, BatchStatus.FINISHED)
        assert batch.open_count == 0


def test_deleting_while_the_worker_makes_images(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(lifecycle.delete, batch, alice))
        batch.refresh_from_db()
        assert (batch.open_count, batch.hold.credits) == (0, 0)


def test_pausing_while_the_worker_makes_images(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(batch.pause, alice))
        batch.refresh_from_db()
        assert batch.status == (BatchStatus.PAUSED if batch.open_count else BatchStatus.FINISHED)


def test_retrying_while_the_worker_finishes_the_batch(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    for _ in range(ROUNDS):
        batch = make_batch(alice, 3)
        fail_next(batch, "upstream_error")
        race(partial(work, batch), partial(lifecycle.retry, batch, alice))
        work(batch)
        batch.refresh_from_db()
        assert (batch.status, batch.ready_count) == (BatchStatus.FINISHED, 3)


def test_two_tabs_retry_at_once(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    fail_next(batch, "upstream_error")
    tabs = [Batch.objects.get(pk=batch.pk) for _ in range(2)]
    counts = race(*[partial(lifecycle.retry, tab, alice) for tab in tabs])
    assert sorted(counts) == [0, 1]


def test_two_outcomes_of_one_call_are_booked_once(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 2)
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    prompt = Prompt.next_up(batch.pk)
    turn.begin(prompt)
    results = race(*[partial(turn.fail, prompt, "refused")] * 2)
    assert sum(isinstance(result, leases.LeaseLost) for result in results) == 1
    assert Batch.objects.get(pk=batch.pk).failed_count == 1
