"""Usage a day and a key at a time: requests as counted, images and credits as charged."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.keys import api_keys
from accounts.keys import usage as key_usage
from accounts.models import ApiKey, KeyUsageDay, User
from batches import lifecycle
from batches.models import Batch
from batches.orders.order import Order
from batches.orders.submit import submit_order
from batches.usage.totals import Amounts, usage
from billing.models import LedgerEntry
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.counting import count_queries

MakeOrder = Callable[..., Order]


def today() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "a program")[0]


def send(user: User, order: Order, key: ApiKey | None = None) -> Batch:
    return submit_order(user, order, uuid.uuid4(), key)


def test_every_day_of_the_period_is_there(alice: User) -> None:
    days = list(usage(alice, 30).days)
    assert len(days) == 30
    assert (days[0], days[-1]) == (today().date() - timedelta(days=29), today().date())


def test_images_count_with_what_they_were_charged(alice: User, key: ApiKey, make_order: MakeOrder) -> None:
    batch = send(alice, make_order(3, "medium"), key)
    deliver_next(batch)
    deliver_next(batch)
    fail_next(batch)
    assert usage(alice).totals == Amounts(requests=0, images=2, credits=4)
    assert usage(alice).days[today().date()] == Amounts(images=2, credits=4)


def test_what_is_made_on_the_site_is_in_it(alice: User, key: ApiKey, make_order: MakeOrder) -> None:
    deliver_next(send(alice, make_order(1)))
    deliver_next(send(alice, make_order(1, "medium"), key))
    found = usage(alice)
    assert [(each.key, each.totals.credits) for each in found.keys] == [(key, 2), (None, 1)]
    assert found.totals.credits == 3


def test_requests_count_at_once(alice: User, key: ApiKey) -> None:
    KeyUsageDay.objects.create(key=key, on=today().date() - timedelta(days=1), requests=7)
    key_usage.count(key)
    found = usage(alice, 2)
    assert [amounts.requests for amounts in found.days.values()] == [7, 1]
    assert found.keys[0].totals.requests == found.totals.requests == 8


def test_what_was_before_is_left_out(alice: User, key: ApiKey, make_batch: MakeBatch) -> None:
    deliver_next(make_batch(alice, 1))
    midnight = today().replace(hour=0, minute=0, second=0, microsecond=0)
    KeyUsageDay.objects.create(key=key, on=midnight.date() - timedelta(days=1), requests=7)
    LedgerEntry.objects.filter(kind="image").update(created_at=midnight)
    assert usage(alice, 1).totals == Amounts(images=1, credits=1)
    LedgerEntry.objects.filter(kind="image").update(created_at=midnight - timedelta(microseconds=1))
    assert usage(alice, 1).totals == Amounts()
    assert usage(alice, 2).totals == Amounts(requests=7, images=1, credits=1)


def test_deleted_batches_and_revoked_keys_stay_in_it(alice: User, key: ApiKey, make_order: MakeOrder) -> None:
    batch = send(alice, make_order(1), key)
    deliver_next(batch)
    lifecycle.delete(batch, alice)
    key.revoke(alice)
    assert [(each.key, each.totals.images) for each in usage(alice).keys] == [(key, 1)]


def test_others_usage_is_not_in_it(alice: User, bob: User, key: ApiKey, make_batch: MakeBatch) -> None:
    deliver_next(make_batch(alice, 1))
    KeyUsageDay.objects.create(key=key, on=timezone.now().date(), requests=7)
    assert usage(bob).totals == Amounts()


def test_it_takes_as_many_queries_for_a_year_of_keys(alice: User, make_order: MakeOrder) -> None:
    few = count_queries(lambda: usage(alice, 1))
    for number in range(5):
        key, _ = api_keys.create(alice, f"program {number}")
        KeyUsageDay.objects.create(key=key, on=today().date(), requests=number)
        deliver_next(send(alice, make_order(1), key))
    assert count_queries(lambda: usage(alice, 365)) == few == 3
