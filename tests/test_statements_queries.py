"""Queries whose SQL is made once answer as querysets do, on both databases and in each thread."""

from functools import partial

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.statements import CompiledQuery, Parameter
from batches.models import Batch, Prompt
from tests.cast import MakeBatch
from tests.threads import at_once

VALUES = ("pk", "status", "created_at", "user__is_active", "user__email", "resume_at")


def by_title() -> "models.QuerySet[Batch, tuple[object, ...]]":
    return Batch.objects.filter(title=Parameter("title", models.CharField()), deleted_at=None).values_list(*VALUES)


def with_owner() -> "models.QuerySet[Batch, Batch]":
    mine = Batch.objects.filter(pk=Parameter("batch", Batch._meta.pk)).select_related("user")
    return mine.only("title", "created_at", "user__email")


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
def test_an_object_comes_with_what_was_asked_for(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, title="cats")
    query = CompiledQuery(with_owner)
    with CaptureQueriesContext(connection) as captured:
        found = query.first(batch=batch.pk)
        assert found is not None
        assert (found.title, found.created_at, found.user.email) == ("cats", batch.created_at, alice.email)
    assert len(captured) == 1
    assert found.get_deferred_fields() >= {"status", "revision"}


@pytest.mark.django_db
def test_an_object_can_be_changed_and_saved(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, title="cats")
    found = CompiledQuery(with_owner).first(batch=batch.pk)
    assert found is not None
    found.title = "dogs"
    found.save(update_fields=["title"])
    batch.refresh_from_db()
    assert batch.title == "dogs"


@pytest.mark.django_db
def test_all_rows_come_in_the_order_of_the_queryset(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    prompts = CompiledQuery(
        lambda: Prompt.objects.filter(batch=Parameter("batch", Batch._meta.pk)).order_by("-position").values("position")
    )
    assert prompts.all(batch=batch.pk) == [{"position": 3}, {"position": 2}, {"position": 1}]


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
