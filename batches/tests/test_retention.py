"""Pages say until when the server keeps the images."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.delivery import retention, storage
from batches.models import Batch
from tests.cast import MakeBatch, deliver_next

pytestmark = pytest.mark.any_database

POLICY = "We keep a file on our server for 24 hours after your browser has saved it, and for 14 days if none has."


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    return make_batch(alice, 2)


def make_one(batch: Batch) -> None:
    deliver_next(batch)
    batch.prompts.on_server().update(ready_at=datetime.fromisoformat("2026-11-29T18:30:00Z"))


def test_the_form_and_the_questions_say_it(alices: Client, client: Client, batch: Batch) -> None:
    for page in (alices.get(reverse("batches:new")), client.get("/"), alices.get(batch.get_absolute_url())):
        assert POLICY in page.content.decode()


def test_hours_are_said_where_the_setting_is_no_whole_day(settings: object) -> None:
    settings.IMAGE_MAX_AGE_HOURS = 36  # type: ignore[attr-defined]
    assert retention.policy().endswith("and for 36 hours if none has.")


def test_a_running_batch_says_it_for_what_no_browser_has_saved(alices: Client, batch: Batch) -> None:
    make_one(batch)
    sentence = "No browser has saved 1 image yet. The server keeps it until Dec. 13, 2026, 18:30 UTC."
    assert sentence in alices.get(batch.get_absolute_url()).content.decode()
    news = alices.get(reverse("batches:progress", args=[batch.pk])).json()
    assert news["retention"] == sentence


def test_a_confirmation_is_answered_with_the_new_date(alices: Client, batch: Batch) -> None:
    make_one(batch)
    image = {"position": 1, "sha256": batch.prompts.get(position=1).sha256}
    url = reverse("batches:confirm", args=[batch.pk])
    answer = alices.post(url, {"images": [image]}, content_type="application/json").json()
    assert answer["retention"].startswith(
        "One of your browsers has saved everything that is finished. The server keeps its copies until "
    )


def test_a_finished_batch_without_copies_says_nothing(batch: Batch) -> None:
    for _ in range(2):
        make_one(batch)
    batch.prompts.update(ready_at=datetime.fromisoformat("2026-01-01T00:00Z"))
    storage.expire_images()
    batch.refresh_from_db()
    assert retention.sentence(batch) == ""
