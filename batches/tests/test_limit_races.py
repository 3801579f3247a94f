"""Starts and images of one customer at the same moment: never more than the plan allows."""

from functools import partial

import pytest
from django.db import connection

from accounts.models import User
from batches import leases, outcomes
from batches.models import Batch
from batches.tests.conftest import DAY_LIMIT, use_up
from billing import plans
from billing.refusals import TooManyStarts
from tests.cast import MakeBatch
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite runs one transaction after the other"),
]


def begin(batch: Batch) -> bool:
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    return turn.begin(batch.prompts.get(), near_limit=True)


def test_starts_at_once_are_no_more_than_an_hours(alice: User, make_batch: MakeBatch) -> None:
    results = at_once([partial(make_batch, alice, 1)] * (plans.PAY_AS_YOU_GO.starts_per_hour + 3))
    assert sum(isinstance(result, TooManyStarts) for result in results) == 3
    assert Batch.objects.count() == plans.PAY_AS_YOU_GO.starts_per_hour


def test_the_days_last_place_is_taken_once(bob: User, make_batch: MakeBatch) -> None:
    use_up(bob, DAY_LIMIT - 1)
    batches = [make_batch(bob, 1) for _ in range(4)]
    assert sorted(at_once([partial(begin, batch) for batch in batches])) == [False, False, False, True]
