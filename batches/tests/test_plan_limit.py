"""At the plan's limit, a run waits and continues automatically."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch, Prompt
from batches.progress.headlines import headline
from batches.runs import leases, outcomes, plan_limit, sweep, turns
from batches.runs.plan_limit import Room
from batches.tests.conftest import DAY_LIMIT, use_up
from billing import plans
from billing.credits import ledger
from billing.models import LedgerEntry
from tests.cast import MakeBatch, begin
from tests.counting import count_queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]


def run(batch: Batch) -> Batch:
    while turns.advance(batch.pk) is not None:
        pass
    batch.refresh_from_db()
    return batch


@pytest.fixture
def parked(bob: User, make_batch: MakeBatch, upstream: Any) -> Batch:
    """A batch of Bob's that has met the day's limit after one image."""
    use_up(bob, DAY_LIMIT - 1)
    return run(make_batch(bob, 3))


def test_at_the_days_limit_the_run_waits(parked: Batch) -> None:
    assert (parked.status, parked.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.DAILY_LIMIT)
    assert (parked.ready_count, parked.open_count) == (1, 2)


def test_it_says_when_it_goes_on(parked: Batch) -> None:
    assert abs(parked.resume_at - timezone.now() - timedelta(hours=23)) < timedelta(minutes=1)
    assert "It continues automatically in about 23 hours" in headline(parked, None, timezone.now())


def test_a_parked_run_leaves_nothing_behind(parked: Batch) -> None:
    assert parked.lease_token == ""
    assert sweep.find_stalled() == []


def test_a_parked_run_goes_on_by_itself(parked: Batch, upstream: Any) -> None:
    LedgerEntry.objects.filter(kind="image").update(created_at=timezone.now() - plans.DAY)
    Batch.objects.filter(pk=parked.pk).update(resume_at=timezone.now())
    assert sweep.find_stalled() == [parked.pk]
    assert run(parked).status == BatchStatus.FINISHED


def test_a_parked_run_goes_on_at_once_with_a_larger_plan(
    bob: User, parked: Batch, give_plan: Any, upstream: Any
) -> None:
    give_plan(bob, plans.STARTER)
    assert parked.may_resume
    assert parked.resume(bob)
    assert run(parked).status == BatchStatus.FINISHED


def test_resuming_without_room_parks_it_again(bob: User, parked: Batch) -> None:
    parked.resume(bob)
    assert run(parked).waiting_reason == WaitReason.DAILY_LIMIT


def test_a_parked_run_keeps_its_credits(bob: User, parked: Batch) -> None:
    assert ledger.account_of(bob).held == 2


def claimed(batch: Batch) -> tuple[outcomes.Turn, Prompt]:
    """Take the batch as a worker does, and read what is to be made."""
    turn, prompt = outcomes.Turn(batch.pk, str(leases.claim(batch.pk))), Prompt.next_up(batch.pk)
    assert prompt
    return turn, prompt


def test_images_in_flight_of_other_batches_take_their_places(bob: User, make_batch: MakeBatch) -> None:
    use_up(bob, DAY_LIMIT - 1)
    begin(make_batch(bob, 1))
    _, second = claimed(make_batch(bob, 1))
    assert plan_limit.check(second) is Room.NONE


def test_two_batches_cannot_both_take_the_last_place(bob: User, make_batch: MakeBatch) -> None:
    use_up(bob, DAY_LIMIT - 1)
    _, first = claimed(make_batch(bob, 1))
    _, second = claimed(make_batch(bob, 1))
    assert [plan_limit.check(first), plan_limit.check(second)] == [Room.FREE, Room.CONTESTED]


def test_a_batch_that_yields_leaves_the_last_place_to_another(bob: User, make_batch: MakeBatch, upstream: Any) -> None:
    use_up(bob, DAY_LIMIT - 1)
    first, second = make_batch(bob, 1), make_batch(bob, 1)
    turn, _ = claimed(first)
    assert 0 < (turns.advance(second.pk) or 0) < 1
    leases.release(first.pk, turn.token)
    assert run(first).status == BatchStatus.FINISHED


def test_a_customer_with_very_many_batches_stays_within_the_limit(
    bob: User, make_batch: MakeBatch, give_plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plans._BY_KEY, plans.PRO.key, replace(plans.PRO, images_per_day=55))
    give_plan(bob, plans.PRO)
    # Each checks before any has begun.
    rooms = [plan_limit.check(claimed(make_batch(bob, 1))[1]) for _ in range(60)]
    assert rooms == [Room.FREE] * 55 + [Room.CONTESTED] * 5


def test_a_run_asks_no_more_than_the_plan_and_the_count(alice: User, make_batch: MakeBatch) -> None:
    _, prompt = claimed(make_batch(alice, 1))
    assert count_queries(lambda: plan_limit.check(prompt)) == 3
