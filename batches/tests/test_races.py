"""Two things at the same moment: what was read before the other one's change must not be believed."""

import pytest

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus
from batches.models import Batch
from tests.cast import MakeBatch, begin, deliver_next, fail_next

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


def as_read_before(batch: Batch) -> Batch:
    """Return the batch as a request has read it that comes second."""
    return Batch.objects.get(pk=batch.pk)


def test_a_retry_while_the_last_image_arrives_starts_the_batch_again(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    fail_next(batch, "upstream_error")
    stale = as_read_before(batch)
    deliver_next(batch)
    assert lifecycle.retry(stale, bob) == 1
    assert Batch.objects.get().status == BatchStatus.QUEUED


def test_a_cancel_while_the_first_image_starts_cancels(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    stale = as_read_before(batch)
    begin(batch)
    assert lifecycle.cancel(stale, bob)
    assert Batch.objects.get().status == BatchStatus.CANCELLED


def test_a_pause_while_the_first_image_starts_pauses(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    stale = as_read_before(batch)
    begin(batch)
    assert stale.pause(bob)
    assert Batch.objects.get().status == BatchStatus.PAUSED


def test_a_deletion_while_the_first_image_starts_stops_the_run(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    stale = as_read_before(batch)
    begin(batch)
    lifecycle.delete(stale, bob)
    assert Batch.objects.get().status == BatchStatus.CANCELLED


def test_a_retry_of_a_batch_that_was_just_deleted_does_nothing(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    fail_next(batch, "upstream_error")
    stale = as_read_before(batch)
    lifecycle.delete(batch, bob)
    assert lifecycle.retry(stale, bob) == 0


def test_two_retries_at_once_hold_the_credits_once(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    fail_next(batch, "upstream_error")
    stale = as_read_before(batch)
    assert lifecycle.retry(batch, bob) == 1
    assert lifecycle.retry(stale, bob) == 0


def test_a_new_wording_for_a_cancelled_batch_changes_nothing(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    fail_next(batch, "upstream_error")
    stale = as_read_before(batch)
    lifecycle.cancel(batch, bob)
    assert lifecycle.edit(stale, 1, "too late", bob) == 0
    assert batch.prompts.get(position=1).text == "prompt number 1"
