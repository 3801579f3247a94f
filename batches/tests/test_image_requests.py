"""What is sent to the image service for a prompt."""

from typing import Any

import pytest

from accounts.models import User
from batches.runs import turns
from tests.cast import MakeBatch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("parameters", "compatible", "qualities", "quality"),
    [
        ("automatic", False, 2, "low"),
        ("automatic", True, 2, "low"),
        ("automatic", True, 1, ""),
        ("common", False, 1, ""),
        ("openai", True, 1, "low"),
    ],
)
def test_the_quality_is_sent_wherever_there_are_several(
    alice: User, make_batch: MakeBatch, settings: Any, parameters: str, compatible: bool, qualities: int, quality: str
) -> None:
    prompt = make_batch(alice, ["a cat"]).prompts.get()
    settings.OPENAI_COMPATIBLE = compatible
    prompt.image_model.parameters = parameters
    prompt.image_model.qualities.exclude(quality__in=["low", "medium"][:qualities]).delete()
    assert turns.image_request(prompt).quality == quality
