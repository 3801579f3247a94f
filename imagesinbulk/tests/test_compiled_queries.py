"""Queries whose SQL is made once answer as querysets do, on both databases and in each thread."""

from functools import partial

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from batches.models import Batch
from imagesinbulk.compiled_queries import CompiledQuery, Parameter
from tests.cast import MakeBatch
from tests.threads import at_once

VALUES = ("pk", "status", "created_at", "user__is_active", "user__email", "resume_at")


def by_title() -> "models.QuerySet[Batch, tuple[object, ...]]":
    return Batch.objects.filter(title=Parameter("title", models.CharField()), deleted_at=None).values_list(*VALUES)


def by_id() -> "models.QuerySet[Batch, tuple[object, ...]]":
    return Batch.objects.filter(pk=Parameter("batch", Batch._meta.pk)).values_list("title")


@pytest.mark.django_db
def test_a_row_is_what_the_queryset_gives(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, title="cats")
    assert CompiledQuery(by_title).first(title="cats") == Batch.objects.values_list(*VALUES).get()


@pytest.mark.django_db
def test_a_parameter_is_adapted_to_its_field(alice: User, make_batch: MakeBatch) -> None:
    assert CompiledQuery(by_id).first(batch=make_batch(alice, title="cats").pk) == ("cats",)


@pytest.mark.django_db
def test_each_call_has_its_own_values(alice: User, make_batch: MakeBatch) -> None:
    first, second = make_batch(alice, title="cats"), make_batch(alice, title="dogs")
    query = CompiledQuery(by_id)
    assert [query.first(batch=batch.pk) for batch in (first, second, first)] == [("cats",), ("dogs",), ("cats",)]


@pytest.mark.django_db
def test_no_row_is_none(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, title="cats")
    assert CompiledQuery(by_title).first(title="' OR 1=1 --") is None


@pytest.mark.django_db
def test_it_is_one_query(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, title="cats")
    query = CompiledQuery(by_title)
    with CaptureQueriesContext(connection) as captured:
        query.first(title="cats")
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_threads_ask_side_by_side(alice: User, make_batch: MakeBatch) -> None:
    batches = [make_batch(alice, title=f"list {number}") for number in range(4)]
    query = CompiledQuery(by_id)

    def titles(batch: Batch) -> set[object]:
        return {query.first(batch=batch.pk) for _ in range(50)}

    asked = at_once([partial(titles, batch) for batch in batches])
    assert asked == [{(batch.title,)} for batch in batches]
