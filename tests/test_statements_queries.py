"""Queries whose SQL is made once answer as querysets do, on both databases and in each thread."""

import uuid
from collections.abc import Callable
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


def _of_a_batch() -> "models.QuerySet[Prompt, Prompt]":
    return Prompt.objects.filter(batch=Parameter("batch", Batch._meta.pk))


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
    prompts = CompiledQuery(lambda: _of_a_batch().order_by("-position").values_list("position"))
    assert prompts.all(batch=batch.pk) == [(3,), (2,), (1,)]


@pytest.mark.django_db
def test_an_object_has_its_annotations(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    query = CompiledQuery(lambda: Batch.objects.annotate(twice=models.F("total") * 2).select_related("user"))
    found = query.first()
    assert found is not None
    assert (found.twice, found.user, found == batch) == (batch.total * 2, alice, True)


@pytest.mark.django_db
def test_who_has_no_related_object_is_found_without_it(alice: User) -> None:
    query = CompiledQuery(lambda: User.objects.filter(pk=Parameter("user", User._meta.pk)).select_related("membership"))
    found = query.first(user=alice.pk)
    assert found == alice
    assert not hasattr(found, "membership")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "queryset",
    [
        lambda: _of_a_batch().values("position"),
        lambda: _of_a_batch().values_list("position", flat=True),
        lambda: _of_a_batch().prefetch_related("batch"),
        lambda: Batch(user_id=1).prompts.filter(position=1),
    ],
)
def test_what_would_come_otherwise_than_from_the_queryset_is_refused(
    queryset: "Callable[[], models.QuerySet[Prompt, object]]",
) -> None:
    with pytest.raises(TypeError):
        CompiledQuery(queryset).all(batch=uuid.uuid4())


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
