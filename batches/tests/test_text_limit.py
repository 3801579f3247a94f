"""How much text a customer may have stored: counted exactly, and given back."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import User
from batches import lifecycle
from batches.models import Batch
from batches.orders.submit import submit_order
from batches.tests.api.conftest import program_with
from billing import plans
from billing.refusals import TextLimitReached
from tests.cast import MakeBatch, fail_next
from tests.threads import at_once

LIMIT = 100


@pytest.fixture(autouse=True)
def small_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give those who pay as they go little room."""
    small = replace(plans.PAY_AS_YOU_GO, stored_characters=LIMIT)
    monkeypatch.setattr(plans, "PAY_AS_YOU_GO", small)


def stored(user: User) -> int:
    """Return what is counted, which must be what there is."""
    for batch in Batch.objects.filter(user=user):
        assert batch.character_count == batch.prompts.all().character_count()
    return Batch.objects.owned_by(user).character_count()


def test_prompts_styles_and_names_count(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, ["x" * 10, "ñ🦊"], names=["one", "n" * 10], style="oil")
    assert stored(alice) == 10 + 2 + 3 + 10 + 2 * 3


def test_only_what_is_stored_of_a_long_name_counts(alice: User, make_batch: MakeBatch) -> None:
    with pytest.raises(TextLimitReached) as refusal:
        make_batch(alice, ["a cat"], names=["n" * 5_000])
    assert refusal.value.needed == 305


def test_a_batch_that_fills_the_room_is_taken_and_the_next_is_not(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, ["x" * LIMIT])
    with pytest.raises(TextLimitReached) as refusal:
        make_batch(alice, ["y"])
    assert (refusal.value.needed, refusal.value.left, refusal.value.limit) == (1, 0, LIMIT)
    assert Batch.objects.count() == 1


def test_a_deleted_batch_gives_its_room_back(alice: User, make_batch: MakeBatch) -> None:
    lifecycle.delete(make_batch(alice, ["x" * LIMIT]), alice)
    make_batch(alice, ["y" * LIMIT])
    assert stored(alice) == LIMIT


def test_the_text_of_others_does_not_count(alice: User, bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, ["x" * LIMIT])
    make_batch(alice, ["y" * LIMIT])
    assert stored(alice) == LIMIT


def test_the_same_submission_again_counts_once(alice: User, make_order: Callable[..., Any]) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        submit_order(alice, make_order(["x" * 60]), key)
    assert stored(alice) == 60


@pytest.mark.parametrize("length", [5, 10, 20])
def test_a_new_wording_counts_instead_of_the_old_one(alice: User, make_batch: MakeBatch, length: int) -> None:
    make_batch(alice, ["z" * 80])
    batch = make_batch(alice, ["x" * 10])
    fail_next(batch, "upstream_error")
    lifecycle.edit(batch, 1, "y" * length, alice)
    assert stored(alice) == 80 + length


def test_a_wording_for_which_there_is_no_room_is_refused(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["x" * LIMIT])
    fail_next(batch, "upstream_error")
    answer = alices.post(reverse("batches:edit_prompt", args=[batch.pk, 1]), {"text": "y" * (LIMIT + 1)})
    assert answer.status_code == 422
    assert "Your plan stores up to 100 characters of text." in answer.content.decode()
    assert stored(alice) == LIMIT
    assert batch.prompts.get().text == "x" * LIMIT


def test_a_shorter_wording_is_taken_beyond_the_limit(alice: User, make_batch: MakeBatch, monkeypatch: Any) -> None:
    batch = make_batch(alice, ["x" * LIMIT])
    fail_next(batch, "upstream_error")
    monkeypatch.setattr(plans, "PAY_AS_YOU_GO", replace(plans.PAY_AS_YOU_GO, stored_characters=10))
    assert lifecycle.edit(batch, 1, "y" * 50, alice)
    assert stored(alice) == 50


def test_batches_beyond_the_limit_go_on(alice: User, make_batch: MakeBatch, monkeypatch: Any) -> None:
    batch = make_batch(alice, ["x" * LIMIT])
    fail_next(batch, "upstream_error")
    monkeypatch.setattr(plans, "PAY_AS_YOU_GO", replace(plans.PAY_AS_YOU_GO, stored_characters=10))
    assert lifecycle.retry(batch, alice) == 1


def test_the_form_says_what_is_left_and_what_to_do(alices: Client, form: dict[str, Any]) -> None:
    answer = alices.post(reverse("batches:new"), {**form, "prompts": "x" * 101})
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["prompts"]
    assert error.startswith(
        "Your plan stores up to 100 characters of text. You have 100 left and this batch needs 101."
    )
    assert "See plans" in answer.content.decode()


def test_the_bill_says_it_before_the_start(alices: Client, form: dict[str, Any]) -> None:
    page = alices.post(f"{reverse('batches:bill')}?fragment=1", {**form, "prompts": "x" * 101}).content.decode()
    assert "Your plan stores up to 100 characters of text." in page


def test_the_api_names_the_text_limit(alice: User, image_model: Any) -> None:
    call = program_with(api_keys.create(alice, "a program")[1])
    answer = call("POST", "/batches", {"prompts": ["x" * 101]})
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [("prompts", "text_limit_reached")]
    assert not Batch.objects.exists()


def test_the_usage_page_shows_it(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice, ["x" * 60])
    assert (
        "Your batches use 60 characters of text. Your plan stores up to 100."
        in alices.get(reverse("usage")).content.decode()
    )


def test_existing_batches_are_counted_by_the_migration(alice: User, bob: User, make_batch: MakeBatch) -> None:
    make_batch(alice, ["x" * 10, "y"], style="oil")
    make_batch(bob, ["zz"])
    Batch.objects.update(character_count=0)
    import_module("batches.migrations.0009_fill_character_count").count_characters(apps, None)
    assert (stored(alice), stored(bob)) == (17, 2)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite runs one transaction after the other")
def test_submits_at_once_stay_below_the_limit(alice: User, make_batch: MakeBatch) -> None:
    results = at_once([partial(make_batch, alice, ["x" * 30])] * 5)
    assert sum(isinstance(result, TextLimitReached) for result in results) == 2
    assert stored(alice) == 90
