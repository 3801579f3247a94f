"""The page says why a prompt waits and when it is tried again, and which image a pause waits for."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from batches.models import Batch
from batches.progress import retries
from batches.progress.progress import Progress
from batches.runs import turns
from tests.cast import MakeBatch, begin
from tests.upstream import Upstream

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def waiting(**fields: Any) -> dict[str, Any]:
    """A prompt that waits after one call, with `fields` changed."""
    counts = {"busy_count": 1, "fault_count": 0, "unknown_count": 0}
    return {"error_code": "upstream_busy", "retry_at": NOW + timedelta(seconds=19.5), **counts, **fields}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "The AI service is busy. Trying again in 20 s."),
        ({"busy_count": 3}, "The AI service is busy. Trying again in 20 s (3rd time)."),
        ({"fault_count": 1}, "The AI service is busy. Trying again in 20 s (2nd time)."),
        (
            {"error_code": "upstream_error", "retry_at": NOW - timedelta(seconds=1)},
            "The AI service has a problem. Trying again in 0 s.",
        ),
        (
            {"error_code": "unknown_outcome", "busy_count": 0, "unknown_count": 1},
            "The AI service did not respond. We’ll try once more after the others.",
        ),
    ],
)
def test_a_wait_has_a_reason_and_an_end(fields: dict[str, Any], sentence: str) -> None:
    retry = retries.retry_of(waiting(**fields), NOW)
    assert retry
    assert retries.sentence(retry) == sentence


def test_the_last_prompt_waits_for_no_others() -> None:
    retry = retries.retry_of(waiting(error_code="unknown_outcome", busy_count=0, unknown_count=1), NOW, is_last=True)
    assert retry == {"seconds": 20, "text": "The AI service did not respond. Trying again in {seconds} s."}


def test_a_prompt_whose_turn_has_not_come_has_no_reason() -> None:
    assert retries.retry_of(waiting(retry_at=None), NOW) is None


@pytest.mark.django_db(transaction=True)
def test_headline_and_tile_say_why_a_run_waits(
    alices: Client, alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["[429 30] a cat", "a dog"])
    turns.advance(batch.pk)
    poll = Progress(Batch.objects.get(), since=0).as_dict()
    sentence = r"The AI service is busy\. Trying again in \d+ s\."
    assert re.fullmatch(rf"0 of 2 images are ready\. {sentence}", poll["headline"])
    cat, dog = poll["changed"]
    assert re.fullmatch(sentence, cat["retry"]["sentence"])
    assert "retry" not in dog
    page = alices.get(batch.get_absolute_url()).content.decode()
    assert len(re.findall(sentence, page)) == 2


@pytest.mark.django_db
def test_a_pause_says_which_image_it_waits_for(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    turn, prompt = begin(batch)
    Batch.objects.get().pause(alice)
    poll = Progress(Batch.objects.get(), since=0).as_dict()
    assert poll["headline"] == "0 of 3 images are ready. Pausing: finishing number 1."
    assert poll["next_seconds"] < 10
    turn.fail(prompt, "refused")
    poll = Progress(Batch.objects.get(), since=0).as_dict()
    assert "Pausing" not in poll["headline"]
    assert poll["next_seconds"] == 10
