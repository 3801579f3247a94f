"""The page of a further version, the button for the rejected images, and the script's verdicts."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch
from batches.review import verdicts, versions
from tests.cast import MakeBatch, deliver_next

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    batch = make_batch(alice, ["a cat", "a dog"])
    deliver_next(batch)
    deliver_next(batch)
    return batch


def send(client: Client, batch: Batch, body: object) -> HttpResponse:
    return client.post(reverse("batches:verdicts", args=[batch.pk]), json.dumps(body), content_type="application/json")


def test_the_script_stores_verdicts(alices: Client, batch: Batch) -> None:
    assert send(alices, batch, {"1": "keep", "2": "reject"}).status_code == 204
    assert list(batch.prompts.values_list("verdict", flat=True)) == ["keep", "reject"]


@pytest.mark.parametrize("position", ["0", "3", str(10**30), str(-(10**30))])
def test_positions_without_an_image_are_ignored(alices: Client, batch: Batch, position: str) -> None:
    assert send(alices, batch, {position: "keep", "2": "reject"}).status_code == 204
    assert list(batch.prompts.values_list("verdict", flat=True)) == ["", "reject"]


@pytest.mark.parametrize("body", [{"1": "maybe"}, {"x": "keep"}, [], {"1": None}, "keep"])
def test_what_is_no_verdict_is_a_clear_error(alices: Client, batch: Batch, body: object) -> None:
    assert send(alices, batch, body).status_code == 400


def test_the_page_shows_the_prompt_and_the_prices(alices: Client, batch: Batch) -> None:
    text = alices.get(reverse("batches:again", args=[batch.pk, 1])).content.decode()
    assert "a cat</textarea>" in text
    assert "Medium · " in text


def test_the_page_queues_a_version(alices: Client, batch: Batch) -> None:
    answer = alices.post(reverse("batches:again", args=[batch.pk, 1]), {"text": "a red cat", "quality": "medium"})
    assert (answer.status_code, answer.headers["Location"]) == (302, batch.get_absolute_url())
    version = batch.prompts.get(position=3)
    assert (version.text, version.quality, version.version) == ("a red cat", "medium", 2)


def test_submitting_the_form_twice_asks_before_charging_twice(alices: Client, batch: Batch) -> None:
    page = reverse("batches:again", args=[batch.pk, 1])
    fields = alices.get(page).context["form"].initial | {"text": "a red cat", "quality": "low"}
    assert [alices.post(page, fields).status_code for _ in range(2)] == [302, 422]
    assert batch.prompts.count() == 3
    again = alices.post(page, fields).context["form"]
    assert again["text"].value() == "a red cat"
    assert alices.post(page, fields | {"newest": again["newest"].value()}).status_code == 302
    assert batch.prompts.count() == 4


def test_a_prompt_without_text_is_shown_again(alices: Client, batch: Batch) -> None:
    answer = alices.post(reverse("batches:again", args=[batch.pk, 1]), {"text": " ", "quality": "low"})
    assert answer.status_code == 422
    assert batch.prompts.count() == 2


def test_an_image_that_is_not_ready_leads_back_to_the_batch(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    answer = alices.get(reverse("batches:again", args=[batch.pk, 1]))
    assert (answer.status_code, answer.headers["Location"]) == (302, batch.get_absolute_url())


def test_the_rejected_are_made_again(alices: Client, batch: Batch) -> None:
    verdicts.record(batch, {1: "keep", 2: "reject"})
    alices.post(reverse("batches:again_rejected", args=[batch.pk]))
    assert list(batch.prompts.order_by("position").values_list("version", flat=True)) == [1, 1, 2]


def test_pressing_the_button_twice_makes_one_version(
    alice: User, alices: Client, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts.record(batch, {2: "reject"})
    lock = Batch.lock

    def lock_after_the_other_request(self: Batch) -> None:
        monkeypatch.setattr(Batch, "lock", lock)
        versions.make_again(Batch.objects.get(), [2], alice)
        lock(self)

    monkeypatch.setattr(Batch, "lock", lock_after_the_other_request)
    alices.post(reverse("batches:again_rejected", args=[batch.pk]))
    assert batch.prompts.count() == 3


def test_a_rejected_image_with_a_newer_version_is_not_made_again(alice: User, batch: Batch) -> None:
    verdicts.record(batch, {2: "reject"})
    versions.make_again(batch, [2], alice)
    assert versions.rejected(batch) == []
    verdicts.record(batch, {deliver_next(batch).position: "reject"})
    assert versions.rejected(batch) == [3]


def test_a_rejected_version_of_an_image_that_is_kept_is_not_made_again(alice: User, batch: Batch) -> None:
    versions.make_again(batch, [2], alice)
    verdicts.record(batch, {2: "keep", deliver_next(batch).position: "reject"})
    assert versions.rejected(batch) == []
