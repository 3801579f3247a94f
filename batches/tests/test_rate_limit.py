"""The images-per-minute of the master key: never exceeded, shared by customers, not by batches."""

from typing import Any

import pytest

from accounts.models import User
from batches.runs import rate_limit
from billing import plans
from tests.cast import MakeBatch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limit(settings: Any, new_minute: None) -> Any:
    settings.OPENAI_IMAGES_PER_MINUTE = 6
    return settings


def places(user: User, tries: int = 20) -> int:
    return sum(rate_limit.wait_seconds(user.pk) == 0 for _ in range(tries))


def test_a_customer_alone_gets_every_place(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice)
    assert places(alice) == 6


def test_two_customers_get_half_each_however_many_batches_one_has(
    alice: User, bob: User, make_batch: MakeBatch
) -> None:
    for _ in range(5):
        make_batch(alice)
    make_batch(bob)
    assert (places(alice), places(bob)) == (3, 3)


def test_what_a_customer_used_while_alone_counts_when_another_comes(
    alice: User, bob: User, make_batch: MakeBatch
) -> None:
    make_batch(alice)
    assert places(alice, tries=3) == 3
    make_batch(bob)
    rate_limit.runnable_batches.clear()
    assert (places(alice), places(bob)) == (1, 2)


def test_more_customers_than_places_share_what_there_is(
    alice: User, bob: User, make_batch: MakeBatch, limit: Any
) -> None:
    limit.OPENAI_IMAGES_PER_MINUTE = 1
    make_batch(alice)
    make_batch(bob)
    assert places(alice) + places(bob) == 1


def test_who_has_many_batches_asks_less_often_with_each(alice: User, make_batch: MakeBatch, give_plan: Any) -> None:
    give_plan(alice, plans.PARTNER)
    for _ in range(12):
        make_batch(alice)
    places(alice)
    assert 15 <= rate_limit.wait_seconds(alice.pk) <= 45


def test_without_a_limit_nobody_waits(alice: User, limit: Any) -> None:
    limit.OPENAI_IMAGES_PER_MINUTE = 0
    assert places(alice) == 20


def test_without_the_common_count_no_image_is_made(alice: User, make_batch: MakeBatch, limit: Any) -> None:
    limit.RATE_LIMIT_STORAGE_URL = "redis://127.0.0.1:1"
    make_batch(alice)
    assert rate_limit.wait_seconds(alice.pk) == 5
