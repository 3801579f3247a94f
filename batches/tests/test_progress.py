"""The browser's poll: short and cheap without news, else what has changed since the revision that it has seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format

from accounts.models import User
from batches import lifecycle
from batches.models import Batch, BatchEvent, Prompt
from batches.tests.conftest import use_up
from billing.models import LedgerEntry
from tests.cast import MakeBatch, begin, deliver_next, fail_next
from tests.counting import count_page_queries


def url(batch: Batch, since: object = 0) -> str:
    return reverse("batches:progress", args=[batch.pk], query={"since": since})


def poll(client: Client, batch: Batch, since: object = 0) -> dict[str, Any]:
    return client.get(url(batch, since)).json()


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's batch of three, which nobody has worked on."""
    return make_batch(alice)


def test_the_first_poll_returns_everything(alices: Client, batch: Batch) -> None:
    answer = poll(alices, batch)
    assert answer["total"] == 3
    assert answer["counts"] == {"open": 3, "ready": 0, "failed": 0, "cancelled": 0}
    assert [card["position"] for card in answer["changed"]] == [1, 2, 3]


def happened(batch: Batch, *minutes: int) -> None:
    """Move the batch's own events to these minutes of an hour."""
    for event, minute in zip(batch.events.filter(position=None).order_by("id"), minutes, strict=True):
        BatchEvent.objects.filter(pk=event.pk).update(created_at=datetime(2026, 11, 29, 12, minute, tzinfo=UTC))


def test_a_finished_batch_shows_the_time_from_its_start_to_its_end(alices: Client, batch: Batch) -> None:
    for _ in range(3):
        fail_next(batch)
    happened(batch, 0, 10, 19)
    assert "Finished in about 9 minutes." in poll(alices, batch)["headline"]


def test_the_time_of_a_run_leaves_pauses_out(alices: Client, alice: User, batch: Batch) -> None:
    deliver_next(batch)
    batch.pause(alice)
    batch.resume(alice)
    for _ in range(2):
        deliver_next(batch)
    happened(batch, 0, 0, 2, 40, 41, 44)
    assert "Finished in about 5 minutes." in poll(alices, batch)["headline"]


def test_the_first_image_has_an_estimate_by_those_of_other_batches(
    alices: Client, bob: User, make_batch: MakeBatch, batch: Batch
) -> None:
    deliver_next(make_batch(bob, 1))
    Prompt.objects.filter(batch__user=bob).update(duration_seconds=60)
    begin(batch)
    assert "About 3 minutes left." in poll(alices, batch)["headline"]


def test_the_age_of_the_current_image_is_taken_off_also_without_other_news(
    alices: Client, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_next(batch)
    batch.prompts.filter(position=1).update(duration_seconds=120)
    begin(batch)
    batch.refresh_from_db()
    assert "About 4 minutes left." in poll(alices, batch, batch.revision)["headline"]
    soon = timezone.now() + timedelta(seconds=70)
    monkeypatch.setattr(timezone, "now", lambda: soon)
    assert "About 3 minutes left." in poll(alices, batch, batch.revision)["headline"]


def test_a_running_batch_says_how_many_images_the_day_allows(bobs: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 5)
    use_up(bob, 3)
    begin(batch)
    oldest = LedgerEntry.objects.filter(kind="image").earliest("created_at").created_at
    assert "2 today, the rest from" in poll(bobs, batch)["headline"]
    assert time_format(oldest + timedelta(hours=24), "TIME_FORMAT") in poll(bobs, batch)["headline"]


def test_a_poll_without_news_is_short(alices: Client, batch: Batch) -> None:
    assert poll(alices, batch, batch.revision) == {"revision": 1, "status": "queued"}


def test_a_poll_without_news_takes_two_queries(alices: Client, batch: Batch) -> None:
    assert count_page_queries(alices, url(batch, batch.revision)) == 2


def test_a_poll_without_news_of_a_running_batch_takes_two_queries(alices: Client, batch: Batch) -> None:
    begin(batch)
    batch.refresh_from_db()
    poll(alices, batch, batch.revision)
    assert count_page_queries(alices, url(batch, batch.revision)) == 2


def test_a_poll_without_news_is_refused_after_the_password_has_changed(
    alices: Client, alice: User, batch: Batch
) -> None:
    alice.set_password("another-one-of-hers")
    alice.save()
    assert alices.get(url(batch, batch.revision)).status_code == 401


def test_a_poll_without_news_is_refused_to_a_blocked_customer(alices: Client, alice: User, batch: Batch) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert alices.get(url(batch, batch.revision)).status_code == 401


def test_a_poll_without_news_is_refused_to_nobody_and_to_strangers(client: Client, bobs: Client, batch: Batch) -> None:
    asked = url(batch, batch.revision)
    assert [client.get(asked).status_code, bobs.get(asked).status_code] == [401, 404]


def test_a_poll_of_a_deleted_batch_is_refused(alices: Client, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(deleted_at=timezone.now())
    batch.refresh_from_db()
    assert alices.get(url(batch, batch.revision)).status_code == 404


def test_a_session_under_a_former_secret_key_still_polls(alices: Client, batch: Batch, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the-next-one-" * 5
    assert poll(alices, batch, batch.revision)["status"] == "queued"


def test_a_poll_returns_only_changes(alices: Client, batch: Batch) -> None:
    deliver_next(batch)
    seen = batch.revision
    deliver_next(batch)
    assert [card["position"] for card in poll(alices, batch, seen)["changed"]] == [2]


def test_every_visible_change_is_news(alices: Client, alice: User, batch: Batch) -> None:
    for change in (lambda: batch.pause(alice), lambda: batch.resume(alice), lambda: fail_next(batch)):
        seen = poll(alices, batch)["revision"]
        change()
        batch.refresh_from_db()
        assert poll(alices, batch)["revision"] > seen


def test_a_poll_with_changes_has_the_credits_that_are_left(alices: Client, batch: Batch) -> None:
    before = poll(alices, batch)["credits_left"]
    fail_next(batch)
    assert (before, poll(alices, batch)["credits_left"]) == ("5,002", "5,003")


def test_a_ready_card_says_what_to_store(alices: Client, batch: Batch) -> None:
    prompt = deliver_next(batch)
    image = poll(alices, batch)["changed"][0]["image"]
    assert image == {
        "sha256": prompt.sha256,
        "bytes": prompt.byte_count,
        "width": 64,
        "height": 64,
        "on_server": True,
        "confirmed": False,
    }


def test_a_failed_card_says_why(alices: Client, batch: Batch) -> None:
    fail_next(batch, "refused")
    error = poll(alices, batch)["changed"][0]["error"]
    assert error["code"] == "refused"
    assert "safety" in error["message"]


def test_upstreams_own_words_are_not_shown_to_customers(alices: Client, batch: Batch) -> None:
    fail_next(batch)
    assert "upstream's words" not in alices.get(url(batch)).content.decode()
    assert "upstream's words" not in alices.get(batch.get_absolute_url()).content.decode()


def test_a_batch_that_stands_still_is_asked_for_less_often(alices: Client, alice: User, batch: Batch) -> None:
    batch.pause(alice)
    assert poll(alices, batch)["next_seconds"] > 2


@pytest.mark.parametrize(("image_seconds", "next_seconds"), [(1, 2), (12, 6), (300, 10)])
def test_a_page_asks_at_half_of_what_an_image_takes(
    alices: Client, batch: Batch, image_seconds: float, next_seconds: float
) -> None:
    deliver_next(batch)
    batch.prompts.filter(position=1).update(duration_seconds=image_seconds)
    assert poll(alices, batch)["next_seconds"] == next_seconds


def test_a_cancelled_batch_is_asked_about_until_its_image_in_flight_is_there(
    alices: Client, alice: User, batch: Batch
) -> None:
    turn, prompt = begin(batch)
    lifecycle.cancel(Batch.objects.get(pk=batch.pk), alice)
    answer = poll(alices, batch)
    assert (answer["may"]["cancel"], answer["is_open"], answer["next_seconds"]) == (False, True, 2)
    turn.fail(prompt, "refused", "upstream's words", "req_test")
    assert not poll(alices, batch)["is_open"]


def test_a_strange_revision_is_no_fault(alices: Client, batch: Batch) -> None:
    strange = ["-1", "x", "1.5", "", "٣", "\x00", 2**31, 2**63, "9" * 5000]
    assert {since: alices.get(url(batch, since)).status_code for since in strange} == dict.fromkeys(strange, 200)


def test_a_browser_ahead_of_a_restored_database_gets_the_counts(alices: Client, batch: Batch) -> None:
    assert poll(alices, batch, 10_000)["total"] == 3


def test_progress_is_never_cached(alices: Client, batch: Batch) -> None:
    assert "no-store" in alices.get(url(batch)).headers["Cache-Control"]
