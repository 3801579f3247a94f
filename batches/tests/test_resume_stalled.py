"""`manage.py resume_stalled`: one sweep by hand."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch
from tests.cast import MakeBatch


def swept(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("resume_stalled")
    return capsys.readouterr().out


def test_it_finds_what_nobody_works_on(alice: User, make_batch: MakeBatch, capsys: pytest.CaptureFixture[str]) -> None:
    make_batch(alice)
    assert swept(capsys) == "1 batches\n"


def test_it_leaves_alone_what_was_enqueued_just_now(
    alice: User, make_batch: MakeBatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_batch(alice)
    swept(capsys)
    assert swept(capsys) == "0 batches\n"


def test_a_wait_whose_hour_has_come_ends(
    alice: User, make_batch: MakeBatch, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY, resume_at=timezone.now() - timedelta(seconds=1))
    swept(capsys)
    assert Batch.objects.get().status == BatchStatus.QUEUED


def test_a_wait_that_only_an_operator_ends_goes_on(
    alice: User, make_batch: MakeBatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_batch(alice).wait(WaitReason.UPSTREAM_KEY)
    assert swept(capsys) == "0 batches\n"
    assert Batch.objects.get().status == BatchStatus.ON_HOLD
