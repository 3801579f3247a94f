"""Starts and images of one customer at the same moment: never more than the plan allows."""

from functools import partial

import pytest
from django.db import connection

from accounts.models import User
from batches.choices import RUNNABLE
from batches.models import Batch
from batches.runs import turns
from batches.tests.conftest import DAY_LIMIT, use_up
from billing import plans
from billing.refusals import TooManyStarts
from tests.cast import MakeBatch
from tests.threads import at_once
from tests.upstream import Upstream

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite runs one transaction after the other"),
]


def run(batch: Batch) -> str:
    """Advance the batch until it is made or parked, without waiting for its delays."""
    while batch.status in RUNNABLE:
        Batch.objects.filter(pk=batch.pk).update(not_before=None)
        turns.advance(batch.pk)
        batch.refresh_from_db(fields=["status"])
    return batch.status


def test_starts_at_once_are_no_more_than_an_hours(alice: User, make_batch: MakeBatch) -> None:
    results = at_once([partial(make_batch, alice, 1)] * (plans.PAY_AS_YOU_GO.starts_per_hour + 3))
    assert sum(isinstance(result, TooManyStarts) for result in results) == 3
    assert Batch.objects.count() == plans.PAY_AS_YOU_GO.starts_per_hour


def test_the_days_last_places_are_taken_once_each(bob: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    use_up(bob, DAY_LIMIT - 2)
    batches = [make_batch(bob, 1) for _ in range(5)]
    assert sorted(at_once([partial(run, batch) for batch in batches])) == ["finished"] * 2 + ["waiting"] * 3
