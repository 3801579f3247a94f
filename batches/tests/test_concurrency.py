"""Customers, tabs and workers at the same time, on connections of their own: the books stay right."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from batches import leases, outcomes, runs, submission
from batches.choices import BatchStatus, PromptStatus
from batches.models import Batch, Prompt
from batches.proof import wrong_holds
from billing import credits
from billing.credits import NotEnoughCredits
from billing.models import Hold
from billing.proof import unbalanced_accounts
from tests.cast import fail_next

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


@pytest.fixture(autouse=True)
def books_are_right():
    yield
    assert unbalanced_accounts() + wrong_holds() == []


def race(*calls):
    """Run the calls at the same moment and return their results; an exception is a result, too."""
    start = threading.Barrier(len(calls))

    def runner(call):
        start.wait()
        try:
            return call()
        except (NotEnoughCredits, leases.LeaseLost) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(runner, call) for call in calls]]


def work(batch):
    """Advance a batch until there is nothing more to do, as a worker does."""
    while runs.advance(batch.pk) is not None:
        pass


def test_a_form_sent_twice_at_once_makes_one_batch(alice, make_order):
    order, key = make_order(5), uuid.uuid4()
    first, second = race(*[partial(submission.submit, alice, order, key)] * 2)
    assert first == second
    assert Batch.objects.get().hold.credits == 5


def test_two_batches_cannot_take_the_same_last_credits(bob, make_order):
    credits.account_of(bob)
    orders = [make_order(5), make_order(5)]
    results = race(*[partial(submission.submit, bob, order, uuid.uuid4()) for order in orders])
    assert sorted((type(result) for result in results), key=str) == [Batch, NotEnoughCredits]
    assert Batch.objects.count() == Hold.objects.count() == 1


def test_the_free_credits_are_given_once_to_two_tabs(bob):
    race(*[partial(credits.account_of, bob)] * 4)
    assert credits.account_of(bob).balance == 5


def test_a_batch_is_claimed_by_one_worker(alice, make_batch):
    batch = make_batch(alice)
    tokens = race(*[partial(leases.claim, batch.pk)] * 4)
    assert len([token for token in tokens if token]) == 1


def test_two_workers_make_each_image_once(alice, make_batch, upstream):
    batch = make_batch(alice, 6)
    race(*[partial(work, batch)] * 3)
    work(batch)
    assert batch.prompts.filter(status=PromptStatus.READY).count() == len(upstream.calls()) == 6


def test_cancelling_while_the_worker_makes_images(alice, make_batch, upstream):
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(submission.cancel, batch, alice))
        batch.refresh_from_db()
        assert batch.status in (BatchStatus.CANCELLED, BatchStatus.FINISHED)
        assert batch.open_count == 0


def test_deleting_while_the_worker_makes_images(alice, make_batch, upstream):
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(submission.delete, batch, alice))
        batch.refresh_from_db()
        assert (batch.open_count, batch.hold.credits) == (0, 0)


def test_pausing_while_the_worker_makes_images(alice, make_batch, upstream):
    for _ in range(ROUNDS):
        batch = make_batch(alice, 4)
        race(partial(work, batch), partial(batch.pause, alice))
        batch.refresh_from_db()
        assert batch.status == (BatchStatus.PAUSED if batch.open_count else BatchStatus.FINISHED)


def test_retrying_while_the_worker_finishes_the_batch(alice, make_batch, upstream):
    for _ in range(ROUNDS):
        batch = make_batch(alice, 3)
        fail_next(batch)
        race(partial(work, batch), partial(submission.retry_failed, batch, alice))
        work(batch)
        batch.refresh_from_db()
        assert (batch.status, batch.ready_count) == (BatchStatus.FINISHED, 3)


def test_two_tabs_retry_at_once(alice, make_batch):
    batch = make_batch(alice, 3)
    fail_next(batch)
    tabs = [Batch.objects.get(pk=batch.pk) for _ in range(2)]
    counts = race(*[partial(submission.retry_failed, tab, alice) for tab in tabs])
    assert sorted(counts) == [0, 1]


def test_two_outcomes_of_one_call_are_booked_once(alice, make_batch):
    batch = make_batch(alice, 2)
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    prompt = Prompt.objects.next_up(batch.pk)
    turn.begin(prompt)
    results = race(*[partial(turn.fail, prompt, "refused")] * 2)
    assert sum(isinstance(result, leases.LeaseLost) for result in results) == 1
    assert Batch.objects.get(pk=batch.pk).failed_count == 1
