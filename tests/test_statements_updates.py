"""Updates and inserts whose SQL is made once do what the ORM's own do."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, F, Q
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.statements import CompiledUpdate, Parameter, insert, update_where
from batches.models import Batch, BatchEvent
from tests.cast import MakeBatch
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's batch of three."""
    return make_batch(alice)


def test_an_update_changes_the_rows_it_names_and_tells_how_many(alice: User, make_batch: MakeBatch) -> None:
    one, other = make_batch(alice), make_batch(alice)
    now = timezone.now()
    assert update_where(Batch, {"pk": one.pk, "status": "queued"}, {"title": "¿100 %s?", "hinted_at": now}) == 1
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.title, one.hinted_at, other.title == one.title) == ("¿100 %s?", now, False)


def test_an_update_of_nothing_is_none(batch: Batch) -> None:
    assert update_where(Batch, {"pk": batch.pk, "status": "finished"}, {"title": "x"}) == 0


def test_the_same_update_takes_other_values(batch: Batch) -> None:
    for title in ("one", "two"):
        update_where(Batch, {"pk": batch.pk}, {"title": title})
        assert Batch.objects.values_list("title", flat=True).get(pk=batch.pk) == title


def test_an_expression_is_counted_by_the_database(batch: Batch) -> None:
    for number in (1, 10):
        update_where(Batch, {"pk": batch.pk}, {"revision": F("revision") + number})
    assert Batch.objects.get(pk=batch.pk).revision == batch.revision + 11


def test_a_condition_may_compare(batch: Batch) -> None:
    assert update_where(Batch, {"pk": batch.pk, "total__gte": 3}, {"title": "x"}) == 1
    assert update_where(Batch, {"pk": batch.pk, "total__gte": 4}, {"title": "x"}) == 0


def test_a_value_may_be_empty(batch: Batch) -> None:
    update_where(Batch, {"pk": batch.pk}, {"hinted_at": timezone.now()})
    update_where(Batch, {"pk": batch.pk}, {"hinted_at": None})
    assert Batch.objects.get(pk=batch.pk).hinted_at is None


def test_rows_of_a_queryset_are_updated(alice: User, make_batch: MakeBatch) -> None:
    one, other = make_batch(alice), make_batch(alice)
    named = Q(title="cats") | Q(pk=Parameter("batch", Batch._meta.pk))
    update = CompiledUpdate(lambda: Batch.objects.filter(named), title=Parameter("title", CharField()))
    assert [update.run(batch=one.pk, title="cats"), update.run(batch=other.pk, title="dogs")] == [1, 2]
    assert set(Batch.objects.values_list("title", flat=True)) == {"dogs"}


def test_an_object_is_stored_as_save_would(batch: Batch, alice: User) -> None:
    facts = {"batch": batch, "actor": alice, "from_status": "queued", "to_status": "paused", "reason": "¿%s?"}
    ours, theirs = insert(BatchEvent(**facts)), BatchEvent.objects.create(**facts)
    stored = [model_to_dict(BatchEvent.objects.get(pk=event.pk), exclude=["id"]) for event in (ours, theirs)]
    assert stored[0] == stored[1]


def test_a_stored_object_knows_its_key(batch: Batch) -> None:
    first, second = (insert(BatchEvent(batch=batch, to_status="paused")) for _ in range(2))
    assert second.pk > first.pk
    assert not second._state.adding


def test_what_the_database_forbids_is_refused(batch: Batch) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(BatchEvent(batch=batch, to_status=None))
    with pytest.raises(IntegrityError), transaction.atomic():
        update_where(Batch, {"pk": batch.pk}, {"ready_count": 4})


def test_each_is_one_statement(batch: Batch) -> None:
    with CaptureQueriesContext(connection) as captured:
        update_where(Batch, {"pk": batch.pk}, {"title": "x"})
        insert(BatchEvent(batch=batch, to_status="paused"))
    assert len(captured) == 2


@pytest.mark.django_db(transaction=True)
def test_threads_count_side_by_side(batch: Batch) -> None:
    def count() -> None:
        for _ in range(20):
            update_where(Batch, {"pk": batch.pk}, {"revision": F("revision") + 1})

    at_once([count] * 4)
    assert Batch.objects.get(pk=batch.pk).revision == batch.revision + 80
