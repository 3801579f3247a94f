"""Leases that nobody could renew while the database was unavailable."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import User
from batches.models import Batch
from batches.runs import leases, outages, sweep
from tests.cast import MakeBatch, begin
from tests.clock import Clock


@pytest.fixture
def expired(alice: User, make_batch: MakeBatch) -> Batch:
    """A batch with an image in flight, whose lease has ended."""
    batch = make_batch(alice)
    begin(batch)
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return batch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let a sweep find the database unavailable; only the test moves the worker's clock."""

    def fail() -> None:
        raise OperationalError("gone away")

    clock = Clock()
    monkeypatch.setattr(outages, "time", clock)
    monkeypatch.setattr(leases, "outage", outages.Outage())
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "find_stalled", fail)
        with pytest.raises(OperationalError):
            sweep.sweep()
    return clock


def test_the_batch_of_a_dead_worker_is_taken_over(expired: Batch) -> None:
    assert leases.claim(expired.pk)


def test_after_an_outage_of_the_database_expired_leases_count_for_one_more_period(
    clock: Clock, expired: Batch, settings: Any
) -> None:
    clock.seconds += settings.LEASE_SECONDS
    assert leases.claim(expired.pk) is None
    clock.seconds += 1
    assert leases.claim(expired.pk)


def test_after_an_outage_of_the_database_other_batches_go_on_at_once(
    clock: Clock, alice: User, make_batch: MakeBatch
) -> None:
    assert leases.claim(make_batch(alice).pk)
