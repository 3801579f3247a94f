"""The sentences that say how far a batch is."""

from datetime import UTC, datetime, timedelta

import pytest

from batches.choices import BatchStatus, WaitReason
from batches.models import Batch
from batches.progress.headlines import duration_in_words, headline
from batches.runs.plan_limit import Split

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_batch(**fields: object) -> Batch:
    return Batch(**{"status": BatchStatus.RUNNING, "format": "png", "total": 50, "ready_count": 7, **fields})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 5 seconds"),
        (12, "about 10 seconds"),
        (54, "about 55 seconds"),
        (60, "about 1 minute"),
        (179, "about 3 minutes"),
        (7_300, "about 2 hours"),
    ],
)
def test_durations_are_written_as_people_say_them(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words


def test_thousands_are_set_apart() -> None:
    assert headline(a_batch(total=1000, ready_count=1000), None, NOW) == "All 1,000 images are ready."


def test_a_running_batch_shows_what_is_ready_and_how_long_the_rest_takes() -> None:
    assert headline(a_batch(), 180, NOW) == "7 of 50 images are ready. About 3 minutes left."


def test_failures_are_counted() -> None:
    assert headline(a_batch(failed_count=2), None, NOW) == "7 of 50 images are ready. 2 failed."


def test_a_finished_batch_says_how_long_it_took() -> None:
    batch = a_batch(status=BatchStatus.FINISHED, total=7)
    assert headline(batch, 720, NOW) == "All 7 images are ready. Finished in about 12 minutes."


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (Split(106, NOW + timedelta(hours=2), 40, 200), "106 today, the rest from 14:00 UTC."),
        (Split(106, NOW + timedelta(hours=20), 40, 200), "106 today, the rest from tomorrow at 08:00 UTC."),
        (Split(1106, NOW + timedelta(days=3), 40, 2000), "1,106 today, the rest from November 24 at 12:00 UTC."),
        (
            Split(6, NOW + timedelta(hours=20), 400, 200),
            "6 today, then up to 200 every 24 hours from tomorrow at 08:00 UTC.",
        ),
    ],
)
def test_a_run_that_the_plan_splits_says_how_many_images_and_when(split: Split, words: str) -> None:
    assert headline(a_batch(), 180, NOW, split) == f"7 of 50 images are ready. {words}"


def test_a_batch_on_hold_says_why_and_until_when() -> None:
    batch = a_batch(
        status=BatchStatus.ON_HOLD, waiting_reason=WaitReason.UPSTREAM_KEY, resume_at=NOW + timedelta(minutes=5)
    )
    sentence = headline(batch, None, NOW)
    assert "does not accept our key. It continues automatically in about 5 minutes, at 12:05 UTC." in sentence


def test_a_batch_that_needs_an_operator_does_not_promise_to_go_on_by_itself() -> None:
    batch = a_batch(status=BatchStatus.ON_HOLD, waiting_reason=WaitReason.UPSTREAM_MONEY)
    sentence = headline(batch, None, NOW)
    assert sentence.endswith("We’re fixing this. What is ready is safe, and you won’t be charged while you wait.")
