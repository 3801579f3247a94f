"""Leases of batches, and batches whose worker has died."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from batches.models import Batch
from batches.runs import leases, setbacks, turns
from tests.cast import MakeBatch, begin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_with_a_wrong_clock_takes_no_batch_from_another(
    alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    batch, now = make_batch(alice, ["a cat"]), timezone.now() + timedelta(hours=hours)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now)
        assert leases.claim(batch.pk)
        assert leases.claim(batch.pk) is None
        assert not Batch.objects.runnable().exists()
    assert leases.claim(batch.pk) is None
    assert abs(Batch.objects.get().lease_until - timezone.now()) < timedelta(minutes=1)


def test_a_crash_of_ours_is_not_called_silence_of_the_image_service(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat"])
    for _ in range(setbacks.UNKNOWN.limit):
        begin(batch)
        Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        turns.advance(batch.pk)
    assert batch.prompts.get().error_code == "interrupted"
