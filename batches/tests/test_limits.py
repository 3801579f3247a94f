"""At the plan's limit a run waits, and goes on by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from batches import leases, limits, outcomes, recovery, runs
from batches.choices import BatchStatus, WaitReason
from batches.headlines import headline
from batches.models import Batch
from batches.proof import wrong_holds
from batches.tests.conftest import DAY_LIMIT, use_up
from billing import credits, plans
from billing.models import LedgerEntry
from billing.proof import unbalanced_accounts
from tests.cast import MakeBatch
from tests.counting import count_queries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def books_are_right(db: None) -> Any:
    yield
    assert unbalanced_accounts() + wrong_holds() == []


def run(batch: Batch) -> Batch:
    while runs.advance(batch.pk) is not None:
        pass
    batch.refresh_from_db()
    return batch


@pytest.fixture
def parked(bob: User, make_batch: MakeBatch, upstream: Any) -> Batch:
    """A batch of Bob's that has met the day's limit after one image."""
    use_up(bob, DAY_LIMIT - 1)
    return run(make_batch(bob, 3))


def test_at_the_days_limit_the_run_waits(parked: Batch) -> None:
    assert (parked.status, parked.waiting_reason) == (BatchStatus.WAITING, WaitReason.DAILY_LIMIT)
    assert (parked.ready_count, parked.open_count) == (1, 2)


def test_it_says_when_it_goes_on(parked: Batch) -> None:
    assert abs(parked.resume_at - timezone.now() - timedelta(hours=23)) < timedelta(minutes=1)
    assert "It goes on by itself in about 23 hours" in headline(parked, None, timezone.now())


def test_a_parked_run_leaves_nothing_behind(parked: Batch) -> None:
    assert parked.lease_token == ""
    assert recovery.sweep() == []


def test_a_parked_run_goes_on_by_itself(parked: Batch, upstream: Any) -> None:
    LedgerEntry.objects.filter(kind="image").update(created_at=timezone.now() - plans.DAY)
    Batch.objects.filter(pk=parked.pk).update(resume_at=timezone.now())
    assert recovery.sweep() == [parked.pk]
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
    assert credits.account_of(bob).held == 2


def test_images_in_flight_of_other_batches_take_their_places(bob: User, make_batch: MakeBatch) -> None:
    use_up(bob, DAY_LIMIT - 1)
    first, second = make_batch(bob, 1), make_batch(bob, 1)
    assert outcomes.Turn(first.pk, leases.claim(first.pk)).begin(first.prompts.get(), near_limit=True)
    assert limits.room_of(second.user_id).left == 0


def test_two_batches_cannot_both_take_the_last_place(bob: User, make_batch: MakeBatch) -> None:
    use_up(bob, DAY_LIMIT - 1)
    begun = []
    for batch in (make_batch(bob, 1), make_batch(bob, 1)):
        turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
        begun.append(turn.begin(batch.prompts.get(), near_limit=True))
    assert begun == [True, False]


def test_far_from_the_limit_a_run_asks_no_more_than_the_plan_and_the_count(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    assert count_queries(lambda: limits.room_of(batch.user_id)) == 3
