"""Cancelling: what has not started is closed and its credits come back; what is ready stays."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus, WaitReason
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch
from billing.credits import ledger
from tests.cast import MakeBatch, begin, deliver_next


def statuses(batch: Batch) -> list[str]:
    return list(batch.prompts.order_by("position").values_list("status", flat=True))


def test_the_button_cancels_and_returns_to_the_batch(bobs: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    assert bobs.post(reverse("batches:cancel", args=[batch.pk])).url == batch.get_absolute_url()
    assert Batch.objects.get().status == BatchStatus.CANCELLED


def test_waiting_prompts_are_closed_and_their_credits_come_back(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    deliver_next(batch)
    lifecycle.cancel(batch, bob)
    assert statuses(batch) == [PromptStatus.READY, PromptStatus.CANCELLED, PromptStatus.CANCELLED]
    assert ledger.account_of(bob).left == 4
    assert holds_that_do_not_add_up() == []


def test_the_image_in_flight_still_arrives_and_keeps_its_credit(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    begin(batch)
    batch.refresh_from_db()
    lifecycle.cancel(batch, bob)
    assert statuses(batch) == [PromptStatus.GENERATING, PromptStatus.CANCELLED]
    assert ledger.account_of(bob).held == 1


@pytest.mark.parametrize("status", [BatchStatus.PAUSED, BatchStatus.ON_HOLD])
def test_a_batch_that_stands_still_can_be_cancelled(bob: User, make_batch: MakeBatch, status: str) -> None:
    batch = make_batch(bob)
    _ = batch.pause(bob) if status == BatchStatus.PAUSED else batch.wait(WaitReason.UPSTREAM_KEY)
    assert lifecycle.cancel(batch, bob)
    assert ledger.account_of(bob).held == 0


def test_cancelling_twice_gives_nothing_twice(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    stale = Batch.objects.get(pk=batch.pk)
    lifecycle.cancel(batch, bob)
    assert not lifecycle.cancel(stale, bob)
    assert ledger.account_of(bob).left == 5


def test_a_finished_batch_stays_finished(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    deliver_next(batch)
    assert not lifecycle.cancel(batch, bob)
    assert Batch.objects.get().status == BatchStatus.FINISHED


def test_who_cancelled_is_on_record(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    lifecycle.cancel(batch, bob)
    event = batch.events.first()
    assert (event.from_status, event.to_status, event.actor) == ("queued", "cancelled", bob)
