"""What `/healthz` says about the parts of the site."""

from accounts.models import User
from batches.choices import WaitReason
from operations import health
from tests.cast import MakeBatch


def test_health_says_for_which_reasons_batches_wait_for_an_operator(alice: User, make_batch: MakeBatch) -> None:
    batches = [make_batch(alice) for _ in range(4)]
    assert health.checks()["batches"] == "ok"
    for batch, reason in zip(batches, ("storage", "upstream_key", "storage", WaitReason.DAILY_LIMIT), strict=True):
        batch.wait(reason)
    assert health.checks()["batches"] == "on hold: storage, upstream_key"
