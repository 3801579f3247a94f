"""The server's copies go a while after the browser has confirmed them, or when they are too old."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.choices import PromptStatus
from batches.delivery import storage
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch, Prompt
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.counting import count_queries


@pytest.fixture
def prompt(alice: User, make_batch: MakeBatch, settings: object) -> Prompt:
    """Alice's first image, just ready."""
    return deliver_next(make_batch(alice))


def age(prompt: Prompt, **hours: float) -> None:
    """Move times of the prompt so many hours into the past."""
    now = timezone.now()
    Prompt.objects.filter(pk=prompt.pk).update(**{name: now - timedelta(hours=ago) for name, ago in hours.items()})


@pytest.mark.parametrize(
    ("hours", "expired"),
    [
        ({}, 0),
        ({"ready_at": 14 * 24 - 1}, 0),
        ({"ready_at": 14 * 24 + 1}, 1),
        ({"ready_at": 30, "confirmed_at": 23}, 0),
        ({"ready_at": 30, "confirmed_at": 25}, 1),
    ],
    ids=["new", "unfetched", "too old", "confirmed", "confirmed and past the grace"],
)
def test_an_image_expires_in_time(prompt: Prompt, hours: dict[str, float], expired: int) -> None:
    age(prompt, **hours)
    assert storage.expire_images() == expired
    assert default_storage.exists(prompt.image) == (not expired)


def test_an_expired_image_keeps_its_charge_and_its_facts(prompt: Prompt) -> None:
    age(prompt, ready_at=400)
    storage.expire_images()
    prompt.refresh_from_db()
    assert (prompt.status, prompt.image) == (PromptStatus.EXPIRED, "")
    assert prompt.charge_id
    assert prompt.sha256
    assert holds_that_do_not_add_up() == []


def test_an_expiry_is_news_for_the_browser(prompt: Prompt) -> None:
    seen = Batch.objects.get(pk=prompt.batch_id).revision
    age(prompt, ready_at=400)
    storage.expire_images()
    prompt.refresh_from_db()
    assert prompt.revision > seen


def test_a_dry_run_only_counts(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    age(prompt, ready_at=400)
    call_command("expire_images", "--dry-run")
    assert "1 images would be deleted" in capsys.readouterr().out
    assert default_storage.exists(prompt.image)


def test_the_command_prints_the_count(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    age(prompt, ready_at=400)
    call_command("expire_images")
    assert "1 images were deleted" in capsys.readouterr().out


def test_expiring_twice_is_harmless(prompt: Prompt) -> None:
    age(prompt, ready_at=400)
    storage.expire_images()
    assert storage.expire_images() == 0


def test_of_two_workers_one_expires_an_image(prompt: Prompt) -> None:
    first, second = (Prompt.objects.select_related("batch").get(pk=prompt.pk) for _ in range(2))
    assert storage.expire(first)
    revision = Batch.objects.get(pk=prompt.batch_id).revision
    assert not storage.expire(second)
    assert Batch.objects.get(pk=prompt.batch_id).revision == revision


def test_a_fault_with_one_image_does_not_stop_the_others(prompt: Prompt, caplog: pytest.LogCaptureFixture) -> None:
    other = deliver_next(prompt.batch)
    for each in (prompt, other):
        age(each, ready_at=400)
    Prompt.objects.filter(pk=prompt.pk).update(image="../not-below-the-media-root.png")
    assert storage.expire_images() == 1
    assert not default_storage.exists(other.image)
    assert f"expire has a fault: {prompt.pk}" in caplog.text


def test_a_fault_with_one_deleted_batch_does_not_stop_the_others(
    bob: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [make_batch(bob, 1), make_batch(bob, 1)]
    for batch in batches:
        lifecycle.delete(batch, bob)
    Batch.objects.update(deleted_at=timezone.now() - timedelta(hours=1))

    def delete_files(batch: Batch) -> None:
        if batch == batches[1]:
            raise KeyError

    monkeypatch.setattr(storage, "delete_files", delete_files)
    storage.purge_deleted()
    assert Batch.objects.get() == batches[1]


def test_the_folder_goes_with_its_last_image(prompt: Prompt) -> None:
    folder, others = f"images/{prompt.batch_id}", [deliver_next(prompt.batch), deliver_next(prompt.batch)]
    age(prompt, ready_at=10_000)
    storage.expire_images()
    assert default_storage.exists(folder)
    for other in others:
        age(other, ready_at=10_000)
    storage.expire_images()
    assert not default_storage.exists(folder)


def leave_file(batch: Batch) -> str:
    """Leave an old file that was stored but never booked, as a worker that lost its lease does."""
    name = default_storage.save(f"{storage.folder_of(batch.pk)}/9-left.png", ContentFile(b"left"))
    os.utime(default_storage.path(name), (0, 0))
    return name


def test_files_that_nobody_booked_go_with_the_last_image(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    prompts, left = [deliver_next(batch), deliver_next(batch)], leave_file(batch)
    age(prompts[0], ready_at=10_000)
    storage.expire_images()
    assert default_storage.exists(left)
    age(prompts[1], ready_at=10_000)
    storage.expire_images()
    assert not default_storage.exists(storage.folder_of(batch.pk))


def test_files_of_a_batch_without_a_single_image_go(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    left = leave_file(batch)
    storage.expire_images()
    assert default_storage.exists(left)
    fail_next(batch)
    storage.expire_images()
    assert not default_storage.exists(left)


def test_files_of_a_batch_that_is_retried_at_that_moment_stay(
    bob: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(bob, 1)
    fail_next(batch, "upstream_error")
    left, listdir = leave_file(batch), default_storage.listdir

    def retry_then_list(folder: str) -> Any:
        if str(batch.pk) in folder:
            lifecycle.retry(batch, bob)
        return listdir(folder)

    monkeypatch.setattr(default_storage, "listdir", retry_then_list)
    storage.expire_images()
    assert default_storage.exists(left)


@pytest.mark.parametrize("folder", ["0b5f8f0e-4a52-4f0e-9a52-0d5f0e4a520b", "lost+found"])
def test_folders_of_no_batch_of_this_database_stay(db: None, folder: str) -> None:
    other = default_storage.save(f"images/{folder}/1.png", ContentFile(b"of another site"))
    storage.expire_images()
    assert default_storage.exists(other)


def test_a_batch_is_deleted_also_while_the_storage_is_away(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    Path(settings.MEDIA_ROOT).write_bytes(b"where a folder should be mounted")
    lifecycle.delete(batch, bob)
    assert Batch.objects.get().deleted_at


def test_nothing_to_expire_is_cheap(prompt: Prompt) -> None:
    assert count_queries(storage.expire_images) <= 3
