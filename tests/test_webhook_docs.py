"""The page about webhooks says what the code does."""

import json

from batches import choices
from batches.webhooks import sender
from batches.webhooks.schemas import BatchFinished
from tests.processes import ROOT

PAGE = (ROOT / "docs/webhooks.md").read_text()


def test_each_event_is_documented() -> None:
    assert {event for event in choices.WebhookEvent.values if f"`{event}`" not in PAGE} == set()


def test_the_documented_message_is_the_example_of_its_schema() -> None:
    documented = PAGE[PAGE.index('    {"type"') : PAGE.index("\n\n| Type")]
    [example] = BatchFinished.model_json_schema()["examples"]
    assert json.loads(documented) == example


def test_the_documented_attempts_are_those_that_are_made() -> None:
    assert "5 seconds, 5 minutes, 30 minutes, 2, 5, 6 and 10 hours" in PAGE
    assert (5, 300, 1_800, *(hours * 3_600 for hours in (2, 5, 6, 10))) == sender.RETRY_SECONDS
