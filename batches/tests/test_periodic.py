"""What a worker does again and again."""

from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import User
from batches.models import Batch
from batches.periodic import Job
from batches.runs import sweep, wake
from tests.cast import MakeBatch


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note what is enqueued instead of sending messages."""
    batch_ids = []
    monkeypatch.setattr(wake, "from_worker", batch_ids.append)
    return batch_ids


def test_a_sweep_enqueues_each_batch_that_nobody_works_on(alice: User, make_batch: MakeBatch, enqueued: Any) -> None:
    batches = [make_batch(alice), make_batch(alice)]
    Batch.objects.update(enqueued_at=None)
    assert sweep.sweep() == 2
    assert set(enqueued) == {batch.pk for batch in batches}


@pytest.mark.parametrize("error", [OperationalError("gone away"), OSError("disk full")])
@pytest.mark.django_db
def test_errors_of_a_server_do_not_end_the_schedule(error: Any, caplog: pytest.LogCaptureFixture) -> None:
    def job() -> None:
        raise error

    Job(job, 1).attempt()
    assert "job failed" in caplog.text


@pytest.mark.django_db
def test_a_fault_in_one_job_does_not_end_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    def job() -> None:
        raise ValueError("a bug")

    Job(job, 1).attempt()
    assert "job has a fault" in caplog.text
    assert caplog.records[-1].exc_info
