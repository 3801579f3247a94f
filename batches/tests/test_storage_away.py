"""Batches while images can't be stored, and images that were stored before a crash."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus, WaitReason
from batches.clients.openai import ImageAnswer
from batches.models import Batch, Prompt
from batches.pictures.finish import finish
from batches.runs import files, sweep, turns
from batches.runs.outcomes import Turn
from tests.cast import MakeBatch, begin, png
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]


@pytest.fixture(autouse=True)
def _checked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "can_store", files.has_room)


def take_storage_away() -> None:
    """Put a file where the folder of all images should be."""
    folder = Path(settings.MEDIA_ROOT)
    if folder.exists():
        folder.rename(folder.with_suffix(".away"))
    folder.write_bytes(b"")


def bring_storage_back() -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.unlink()
    if folder.with_suffix(".away").exists():
        folder.with_suffix(".away").rename(folder)


def end_wait(batch: Batch) -> None:
    """Let the time pass after which the sweep looks at the batch again."""
    Batch.objects.filter(pk=batch.pk).update(resume_at=timezone.now() - timedelta(seconds=1))
    sweep.find_stalled()
    batch.refresh_from_db()


def end_lease(batch: Batch) -> None:
    """Let the batch's worker die."""
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def deliver(turn: Turn, prompt: Prompt) -> None:
    picture = finish(png(), format="png", ratio="1:1")
    turn.deliver(prompt, picture, ImageAnswer(data=picture.data, request_id="req_test", usage=None))


def test_without_storage_the_batch_goes_on_hold_and_no_call_is_made(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, 2)
    take_storage_away()
    assert turns.advance(batch.pk) is None
    batch.refresh_from_db()
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.STORAGE)
    assert upstream.calls() == []


def test_the_batch_stays_on_hold_without_further_events_and_goes_on_with_the_storage(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, 1)
    take_storage_away()
    turns.advance(batch.pk)
    end_wait(batch)
    assert batch.status == BatchStatus.ON_HOLD
    assert batch.events.filter(to_status=BatchStatus.ON_HOLD).count() == 1
    bring_storage_back()
    end_wait(batch)
    turns.advance(batch.pk)
    assert batch.prompts.get().status == PromptStatus.READY


def test_an_image_in_flight_waits_for_the_storage_in_memory(
    alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(alice, 2)
    turn, prompt = begin(batch)
    take_storage_away()
    seen = []

    def wait(seconds: float) -> None:
        seen.append(Batch.objects.get().waiting_reason)
        bring_storage_back()

    monkeypatch.setattr(files.time, "sleep", wait)
    deliver(turn, prompt)
    assert seen == [WaitReason.STORAGE]
    assert list(batch.prompts.order_by("position").values_list("status", flat=True)) == ["ready", "waiting"]
    end_wait(batch)
    assert batch.status == BatchStatus.QUEUED


def test_an_image_that_cannot_be_stored_for_long_fails_no_prompt(
    alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(alice, 1)
    turn, prompt = begin(batch)
    take_storage_away()
    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    deliver(turn, prompt)
    batch.refresh_from_db()
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.STORAGE)
    assert batch.prompts.get().status == PromptStatus.QUEUED


def test_an_image_that_was_stored_before_a_crash_is_booked_without_a_second_call(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, 1)
    _, prompt = begin(batch)
    name = files.store(prompt, finish(png(), format="png", ratio="1:1"), lambda: None)
    end_lease(batch)
    assert turns.advance(batch.pk) is None
    prompt = batch.prompts.get()
    assert (prompt.status, prompt.image) == (PromptStatus.READY, name)
    assert default_storage.exists(name)
    assert upstream.calls() == []


def test_a_worker_that_lost_its_lease_leaves_the_file_that_another_has_booked(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, 2)
    late, prompt = begin(batch)
    name = files.store(prompt, finish(png(), format="png", ratio="1:1"), lambda: None)
    end_lease(batch)
    turns.advance(batch.pk)
    with pytest.raises(turns.leases.LeaseLost):
        deliver(late, prompt)
    assert default_storage.exists(name)


def test_a_crash_while_the_storage_is_away_is_looked_into_when_it_is_back(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, 1)
    _, prompt = begin(batch)
    files.store(prompt, finish(png(), format="png", ratio="1:1"), lambda: None)
    end_lease(batch)
    take_storage_away()
    turns.advance(batch.pk)
    assert Batch.objects.get().waiting_reason == WaitReason.STORAGE
    bring_storage_back()
    end_wait(batch)
    end_lease(batch)
    turns.advance(batch.pk)
    assert batch.prompts.get().status == PromptStatus.READY
    assert upstream.calls() == []


def test_an_image_stored_before_a_crash_of_a_deleted_batch_is_not_charged(
    bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(bob, 1)
    _, prompt = begin(batch)
    files.store(prompt, finish(png(), format="png", ratio="1:1"), lambda: None)
    lifecycle.delete(Batch.objects.get(pk=batch.pk), bob)
    end_lease(batch)
    turns.advance(batch.pk)
    assert batch.prompts.get().status == PromptStatus.CANCELLED


def test_the_file_of_an_image_that_arrives_after_its_batch_was_deleted_is_deleted(
    bob: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(bob, 1)
    turn, prompt = begin(batch)
    lifecycle.delete(Batch.objects.get(pk=batch.pk), bob)
    deliver(turn, prompt)
    assert files.find(prompt) is None


def test_an_image_whose_file_cannot_be_deleted_still_releases_its_credits(
    bob: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(bob, 1)
    turn, prompt = begin(batch)
    lifecycle.delete(Batch.objects.get(pk=batch.pk), bob)
    monkeypatch.setattr(FileSystemStorage, "delete", Mock(side_effect=OSError))
    deliver(turn, prompt)
    assert batch.prompts.get().status == PromptStatus.CANCELLED
