"""Calls without an image: waits that stop no other prompt, second calls, and outages of the image service."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch, Prompt
from batches.runs import setbacks, sweep, turns
from billing.credits import ledger
from tests.cast import MakeBatch, statuses
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]

ANIMALS = ["a cat", "a dog", "a fox", "a hen", "a cow"]


def let_time_pass(batch: Batch) -> None:
    """Let every wait of the batch be over."""
    now = timezone.now()
    Batch.objects.filter(pk=batch.pk).update(not_before=None)
    Batch.objects.filter(pk=batch.pk).exclude(resume_at=None).update(resume_at=now)
    batch.prompts.exclude(retry_at=None).update(retry_at=now - timedelta(seconds=1))
    sweep.find_stalled()


def run(batch: Batch, steps: int = 30) -> Batch:
    """Advance the batch as the worker would, without waiting for its delays."""
    for _ in range(steps):
        let_time_pass(batch)
        turns.take_turn(batch.pk, must_stop=lambda: False)
        batch.refresh_from_db()
        if batch.status == BatchStatus.FINISHED:
            break
    return batch


def prompts_called(upstream: Upstream) -> list[str]:
    return [call["prompt"] for call in upstream.calls()]


def test_a_busy_upstream_is_retried_after_its_delay(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["[429 900] a cat", "a dog"])
    assert turns.advance(batch.pk) == pytest.approx(900)
    batch.refresh_from_db()
    assert batch.not_before > timezone.now() + timedelta(seconds=600)
    assert turns.advance(batch.pk) is None
    assert statuses(run(batch)) == [("ready", "")] * 2


def test_after_its_first_delay_a_prompt_does_not_stop_the_others(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["[429 900] a cat", "a dog", "a fox"])
    turns.advance(batch.pk)
    let_time_pass(batch)
    assert 0 < turns.take_turn(batch.pk, must_stop=lambda: False) <= 900
    assert statuses(batch) == [("waiting", "upstream_busy"), ("ready", ""), ("ready", "")]
    assert prompts_called(upstream) == ["[429 900] a cat"] * 2 + ["a dog", "a fox"]
    assert statuses(run(batch)) == [("ready", "")] * 3


def test_an_upstream_that_is_busy_for_all_is_not_called_for_each(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    upstream.set(fail_next={"kind": "500", "count": 100})
    batch, counts = make_batch(alice, ANIMALS), []
    for _ in range(5):
        run(batch, steps=1)
        counts.append(len(upstream.calls()))
    assert counts == [1, 3, 4, 5, 6]


def test_a_fault_that_stays_fails_the_prompt_in_the_end(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["[500 always] a cat", "a dog"]))
    assert statuses(batch) == [("failed", "upstream_error"), ("ready", "")]
    assert batch.prompts.get(position=1).attempt_count == setbacks.FAULT.limit


def test_a_fault_is_waited_for_minutes_in_all(
    alice: User, make_batch: MakeBatch, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setbacks.random, "uniform", lambda least, most: most)
    batch, waited = make_batch(alice, ["[500 always] a cat"]), []
    while delay := turns.advance(batch.pk):
        waited.append(delay)
        let_time_pass(batch)
    assert waited == [4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize("asked_seconds", [None, 0.02, 1, 12])
def test_a_busy_upstream_is_waited_for_most_of_an_hour(
    alice: User, make_batch: MakeBatch, asked_seconds: float | None
) -> None:
    batch, waited = make_batch(alice, ["a cat"]), []
    for count in range(setbacks.BUSY.limit - 1):
        batch.setback_count = count
        step = setbacks.next_step(Prompt(batch=batch, busy_count=count), setbacks.BUSY, asked_seconds)
        assert not step.fails
        waited.append(step.delay_seconds)
    assert waited[0] == asked_seconds or not asked_seconds
    assert 2_000 < sum(waited) < 3_700


def test_an_unknown_outcome_is_tried_once_more_at_our_cost(
    bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(bob, ["[half] a cat"]))
    assert statuses(batch) == [("failed", "unknown_outcome")]
    assert len(upstream.calls()) == 2
    assert ledger.account_of(bob).balance == 5


def test_a_prompt_whose_outcome_is_unknown_comes_once_more_after_the_others(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["[drop] a cat", "a dog", "a fox"]))
    assert prompts_called(upstream) == ["[drop] a cat", "a dog", "a fox", "[drop] a cat"]
    assert statuses(batch) == [("failed", "unknown_outcome"), ("ready", ""), ("ready", "")]
    assert not batch.events.filter(position=None, to_status=BatchStatus.ON_HOLD).exists()


def test_in_an_outage_that_may_cost_images_the_batch_goes_on_hold_and_no_prompt_fails(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    upstream.set(fail_next={"kind": "drop", "count": 100})
    batch = make_batch(alice, ANIMALS)
    assert turns.take_turn(batch.pk, must_stop=lambda: False) is None
    batch.refresh_from_db()
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.UPSTREAM_DOWN)
    assert prompts_called(upstream) == ["a cat", "a dog"]
    first_hold = batch.resume_at - timezone.now()
    run(batch, steps=1)
    assert prompts_called(upstream) == ["a cat", "a dog", "a fox"]
    assert batch.resume_at - timezone.now() > first_hold > timedelta(0)
    upstream.set(fail_next=None)
    assert statuses(run(batch)) == [("ready", "")] * 5


def test_an_outage_without_end_costs_two_calls_for_each_prompt(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    upstream.set(fail_next={"kind": "drop", "count": 100})
    batch = run(make_batch(alice, ANIMALS))
    assert Counter(prompts_called(upstream)) == dict.fromkeys(ANIMALS, 2)
    assert statuses(batch) == [("failed", "unknown_outcome")] * 5


def test_in_an_outage_that_costs_nothing_no_prompt_fails(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    upstream.set(fail_next={"kind": "500", "count": 1000})
    batch = run(make_batch(alice, ANIMALS), steps=setbacks.FAULT.limit + 20)
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.UPSTREAM_DOWN)
    upstream.set(fail_next=None)
    assert statuses(run(batch)) == [("ready", "")] * 5


@pytest.mark.parametrize(("setback_count", "fails"), [(setbacks.FAULT.limit, False), (1000, True)])
def test_a_batch_ends_even_if_the_outage_does_not(
    alice: User, make_batch: MakeBatch, setback_count: int, fails: bool
) -> None:
    batch = make_batch(alice, ANIMALS)
    batch.prompts.update(retry_at=timezone.now())
    batch.setback_count = setback_count
    prompt = Prompt(batch=batch, fault_count=setbacks.FAULT.limit - 1)
    assert setbacks.next_step(prompt, setbacks.FAULT, None).fails == fails


def test_a_retried_batch_starts_without_the_setbacks_of_its_last_run(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["[drop twice] a cat"]))
    batch.reopen(alice)
    assert Batch.objects.get().setback_count == 0
