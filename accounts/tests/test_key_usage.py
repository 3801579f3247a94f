"""Requests per key and day: none lost and none twice."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from accounts.keys import api_keys, usage
from accounts.models import ApiKey, KeyUsageDay, User
from tests.threads import at_once


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "a program")[0]


def requests_of(key: ApiKey) -> list[int]:
    return list(KeyUsageDay.objects.filter(key=key).values_list("requests", flat=True))


def test_each_request_is_added_to_the_day(key: ApiKey) -> None:
    for _ in range(3):
        usage.count(key)
    assert requests_of(key) == [3]
    assert KeyUsageDay.objects.get().on == datetime.now(UTC).date()


def test_each_key_is_counted_on_its_own(key: ApiKey, bob: User) -> None:
    other, _ = api_keys.create(bob, "another")
    usage.count(key)
    usage.count(other)
    assert [requests_of(key), requests_of(other)] == [[1], [1]]


def test_a_request_costs_one_query_once_the_day_has_begun(key: ApiKey, django_assert_num_queries: Any) -> None:
    usage.count(key)
    with django_assert_num_queries(1):
        usage.count(key)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_moment_are_all_counted(key: ApiKey) -> None:
    assert at_once([partial(usage.count, key)] * 6) == [None] * 6
    assert requests_of(key) == [6]
