"""Rows that are alike but for a few fields are stored as `bulk_create` would store them."""

import pytest
from django.db import IntegrityError, connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.statements import insert_alike
from batches.models import Batch, ImageModel, Prompt
from tests.cast import MakeBatch

pytestmark = pytest.mark.django_db

VARYING = ("position", "text", "file_name", "image_model")


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """A batch of three, to which more are added."""
    return make_batch(alice)


def alike(batch: Batch) -> Prompt:
    return Prompt(batch=batch, quality="low", format="png", ratio="1:1", credits=2, upstream_cost_cents="0.125")


def fields_of(prompt: Prompt) -> dict[str, object]:
    return model_to_dict(prompt, exclude=["id", "position", "file_name"])


def test_they_are_stored_as_one_by_one(batch: Batch, image_model: ImageModel) -> None:
    one = alike(batch)
    one.position, one.text, one.file_name, one.image_model = 10, "¿un gato? 🐈 %s '", "a.png", image_model
    one.save()
    insert_alike(alike(batch), VARYING, [(11, "¿un gato? 🐈 %s '", "b.png", image_model.pk)])
    assert fields_of(batch.prompts.get(position=11)) == fields_of(batch.prompts.get(position=10))


def test_each_row_has_its_own_values(batch: Batch, image_model: ImageModel) -> None:
    insert_alike(
        alike(batch), VARYING, [(10, "a cat", "a.png", image_model.pk), (11, "a dog", "b.png", image_model.pk)]
    )
    texts = batch.prompts.filter(position__gte=10).order_by("position").values_list("text", flat=True)
    assert list(texts) == ["a cat", "a dog"]


def test_a_thousand_are_one_statement(batch: Batch, image_model: ImageModel) -> None:
    rows = [(number, "a cat", f"{number}.png", image_model.pk) for number in range(10, 1010)]
    with CaptureQueriesContext(connection) as captured:
        insert_alike(alike(batch), VARYING, rows)
    assert len(captured) == 1
    assert batch.prompts.count() == 1003


def test_what_the_database_forbids_is_refused(batch: Batch, image_model: ImageModel) -> None:
    with pytest.raises(IntegrityError):
        insert_alike(alike(batch), VARYING, [(10, "a cat", "same.png", image_model.pk)] * 2)


def test_values_must_be_as_many_as_fields(batch: Batch) -> None:
    with pytest.raises(ValueError, match="zip"):
        insert_alike(alike(batch), VARYING, [(10, "a cat")])
