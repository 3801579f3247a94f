"""Requests per key and day: counted in memory, written now and then, none lost and none twice."""

import os
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError

from accounts.keys import api_keys, usage
from accounts.models import ApiKey, KeyUsageDay, User
from tests.threads import at_once


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "a program")[0]


def written(key: ApiKey) -> list[int]:
    return list(KeyUsageDay.objects.filter(key=key).values_list("requests", flat=True))


def test_counting_asks_nothing_of_the_database(key: ApiKey, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        usage.count(key)
    assert written(key) == []


def test_what_was_counted_is_added_to_the_day(key: ApiKey) -> None:
    for _ in range(3):
        usage.count(key)
        usage.flush()
    usage.flush()
    assert written(key) == [3]
    assert KeyUsageDay.objects.get().on == datetime.now(UTC).date()


def test_a_key_whose_day_is_open_costs_one_statement(key: ApiKey, bob: User, django_assert_num_queries: Any) -> None:
    keys = [key, *(api_keys.create(bob, "another")[0] for _ in range(4))]

    def count_each() -> None:
        for each in keys:
            usage.count(each)

    count_each()
    usage.flush()
    count_each()
    # Which keys there are, which days are open, and the two ends of the transaction.
    with django_assert_num_queries(4 + len(keys)):
        usage.flush()


def test_the_counts_of_a_key_that_is_gone_are_dropped(key: ApiKey, bob: User) -> None:
    other, _ = api_keys.create(bob, "another")
    usage.count(key)
    usage.count(other)
    key.delete()
    usage.flush()
    assert written(other) == [1]


@pytest.mark.parametrize("trouble", [DatabaseError, InterfaceError])
def test_counts_are_kept_while_the_database_is_away(
    key: ApiKey, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    def fail(*_: Any) -> None:
        raise trouble

    usage.count(key)
    with monkeypatch.context() as broken:
        broken.setattr(usage, "_add", fail)
        with pytest.raises(trouble):
            usage.flush()
    usage.count(key)
    usage.flush()
    assert written(key) == [2]


@pytest.mark.django_db(transaction=True)
def test_threads_that_count_and_write_at_once_lose_nothing(key: ApiKey) -> None:
    def work() -> None:
        for _ in range(50):
            usage.count(key)
        usage.flush()

    assert at_once([work] * 6) == [None] * 6
    assert sum(written(key)) == 300


@pytest.mark.django_db(transaction=True)
def test_two_processes_may_write_the_same_days_first_row(key: ApiKey) -> None:
    counts = {(key.pk, datetime.now(UTC).date()): 2}
    assert at_once([partial(usage._add, counts)] * 4) == [None] * 4
    assert written(key) == [8]


def test_a_forked_process_leaves_its_parents_counts_alone(key: ApiKey) -> None:
    usage.count(key)
    child = os.fork()
    if not child:
        os._exit(len(usage._counts.by_key_and_day))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    usage.flush()
    assert written(key) == [1]
