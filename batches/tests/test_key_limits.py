"""A key's own limit of credits a month: over held and charged, never more, however many ask at once."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from batches import lifecycle
from batches.keys import limits
from batches.models import Batch
from batches.orders.bill import bill_of
from batches.orders.order import Order
from batches.orders.submit import submit_order
from billing.credits import ledger
from billing.models import LedgerEntry
from billing.refusals import KeyLimitReached
from tests.cast import deliver_next, fail_next
from tests.threads import at_once

MakeOrder = Callable[..., Order]
Send = Callable[..., Batch]


def key_of(user: User, limit: int | None) -> ApiKey:
    return api_keys.create(user, "a program", monthly_credit_limit=limit)[0]


@pytest.fixture
def send(alice: User, make_order: MakeOrder) -> Send:
    """Return what submits so many prompts with a key."""

    def sender(key: ApiKey, prompts: int) -> Batch:
        return submit_order(alice, make_order(prompts), uuid.uuid4(), key)

    return sender


def charged_at(moment: datetime) -> None:
    LedgerEntry.objects.filter(kind="image").update(created_at=moment)


def test_a_batch_may_use_the_limit_up(alice: User, send: Send) -> None:
    key = key_of(alice, 5)
    assert send(key, 3).api_key == key
    send(key, 2)
    assert limits.credits_this_month(key) == 5


def test_beyond_the_limit_nothing_is_stored(alice: User, send: Send) -> None:
    key = key_of(alice, 5)
    send(key, 3)
    with pytest.raises(KeyLimitReached) as refused:
        send(key, 3)
    assert (refused.value.status, refused.value.code) == (402, "key_limit_reached")
    assert "5 credits per month. It has used or reserved 3, and this batch needs 3 credits." in refused.value.sentence
    assert Batch.objects.count() == 1
    assert ledger.account_of(alice).held == 3


def test_the_bill_shows_the_refusal_before_anything_is_sent(alice: User, make_order: MakeOrder) -> None:
    key = key_of(alice, 2)
    assert isinstance(bill_of(alice, make_order(3), key).refusal, KeyLimitReached)
    assert bill_of(alice, make_order(2), key).refusal is None


def test_held_and_charged_credits_count_and_released_ones_do_not(alice: User, send: Send) -> None:
    key = key_of(alice, 10)
    batch = send(key, 5)
    deliver_next(batch)
    fail_next(batch, "upstream_error")
    assert limits.credits_this_month(key) == 4
    lifecycle.cancel(batch, alice)
    assert limits.credits_this_month(key) == 1


def test_the_site_and_other_keys_have_their_own_count(alice: User, send: Send, make_order: MakeOrder) -> None:
    key = key_of(alice, 3)
    send(key_of(alice, None), 3)
    submit_order(alice, make_order(3), uuid.uuid4())
    assert send(key, 3)


def test_a_new_month_begins_at_midnight_utc(alice: User, send: Send) -> None:
    key = key_of(alice, 2)
    batch = send(key, 2)
    for _ in range(2):
        deliver_next(batch)
    start = limits.month_start(timezone.now())
    charged_at(start)
    assert limits.credits_this_month(key) == 2
    charged_at(start - timedelta(microseconds=1))
    assert limits.credits_this_month(key) == 0
    assert start.astimezone(UTC).timetuple()[2:6] == (1, 0, 0, 0)


def test_what_was_over_before_this_month_is_not_counted(alice: User, send: Send) -> None:
    key = key_of(alice, 2)
    batch = send(key, 1)
    deliver_next(batch)
    long_ago = timezone.now() - timedelta(days=40)
    charged_at(long_ago)
    Batch.objects.filter(pk=batch.pk).update(finished_at=long_ago)
    assert limits.credits_this_month(key) == 0


def test_a_retry_keeps_to_the_limit(alice: User, send: Send) -> None:
    key = key_of(alice, 3)
    batch = send(key, 2)
    fail_next(batch, "upstream_error")
    send(key, 2)
    with pytest.raises(KeyLimitReached):
        lifecycle.retry(batch, alice)
    ApiKey.objects.filter(pk=key.pk).update(monthly_credit_limit=4)
    assert lifecycle.retry(Batch.objects.get(pk=batch.pk), alice) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_batches_at_once_only_one_fits(alice: User, send: Send) -> None:
    for _ in range(3):
        key = key_of(alice, 5)
        results = at_once([partial(send, key, 3)] * 2)
        assert sorted(type(result).__name__ for result in results) == ["Batch", "KeyLimitReached"]
        assert limits.credits_this_month(key) == 3
