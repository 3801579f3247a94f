"""Pausing and resuming."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.clients.openai import ImageAnswer
from batches.models import Batch
from batches.pictures.finish import finish
from batches.runs import wake
from tests.cast import MakeBatch, begin, deliver_next, png


def status_of(batch: Batch) -> str:
    return Batch.objects.get(pk=batch.pk).status


def test_the_buttons_pause_and_resume(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    assert alices.post(reverse("batches:pause", args=[batch.pk])).url == batch.get_absolute_url()
    assert status_of(batch) == BatchStatus.PAUSED
    alices.post(reverse("batches:resume", args=[batch.pk]))
    assert status_of(batch) == BatchStatus.QUEUED


def test_a_paused_batch_is_not_worked_on(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    batch.pause(alice)
    assert not Batch.objects.runnable().exists()


def test_the_image_in_flight_is_finished(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 2)
    turn, prompt = begin(batch)
    Batch.objects.get(pk=batch.pk).pause(alice)
    picture = finish(png(), format="png", ratio="1:1")
    turn.deliver(prompt, picture, ImageAnswer(data=picture.data, request_id="", usage=None))
    batch.refresh_from_db()
    assert (batch.status, batch.ready_count) == (BatchStatus.PAUSED, 1)


def test_pausing_what_is_finished_changes_nothing(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    deliver_next(batch)
    assert not batch.pause(alice)


def test_pausing_loses_the_race_without_a_fault(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    stale = Batch.objects.get(pk=batch.pk)
    batch.pause(alice)
    assert not stale.pause(alice)
    assert batch.events.filter(to_status=BatchStatus.PAUSED).count() == 1


def test_resuming_what_runs_changes_nothing(alice: User, make_batch: MakeBatch) -> None:
    assert not make_batch(alice).resume(alice)


def test_a_customer_cannot_end_a_hold_of_ours(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY)
    alices.post(reverse("batches:resume", args=[batch.pk]))
    assert status_of(batch) == BatchStatus.ON_HOLD


def test_an_operator_ends_a_hold(alice: User, olga: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    assert batch.resume(olga)
    batch.refresh_from_db()
    assert (batch.waiting_reason, batch.waiting_detail) == ("", "")


def test_resuming_forgets_an_old_delay(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    Batch.objects.filter(pk=batch.pk).update(not_before=timezone.now() + timedelta(hours=1))
    batch.pause(alice)
    batch.resume(alice)
    assert Batch.objects.runnable().exists()


def test_a_resumed_batch_is_enqueued_at_once(
    alices: Client, alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    batch = make_batch(alice)
    batch.pause(alice)
    enqueued: list[uuid.UUID] = []
    monkeypatch.setattr(wake, "from_web", enqueued.append)
    with django_capture_on_commit_callbacks(execute=True):
        alices.post(reverse("batches:resume", args=[batch.pk]))
    assert enqueued == [batch.pk]
