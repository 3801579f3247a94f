"""A model that makes videos, and batches of it, advanced without waiting."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from batches.choices import Kind
from batches.models import Batch, ImageModel, Prompt
from batches.orders.submit import submit_order
from batches.runs import leases, turns
from tests.cast import give_credits, order
from tests.upstream import Upstream

MakeVideos = Callable[..., Batch]
INPUT = {
    "prompt": "$prompt", "duration": "$seconds", "aspect_ratio": "$ratio", "image": "$first_frame",
    "generate_audio": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _books(books_are_right: None) -> None:
    """Check the books after each test of this package."""


@pytest.fixture
def video_model(db: None) -> ImageModel:
    """Sixteen credits a second."""
    facts = {"label": "Veo", "provider": "replicate", "makes": Kind.VIDEO, "reference_credits": 0}
    inputs = {"input": INPUT, "seconds": [4, 6, 8], "ratios": ["16:9", "9:16"]}
    model, _ = ImageModel.objects.update_or_create(code="google/veo-3.1-fast", defaults={**facts, "inputs": inputs})
    model.qualities.get_or_create(quality="low", defaults={"credits": 16, "upstream_cost_cents": 10})
    return model


@pytest.fixture
def make_videos(alice: User, video_model: ImageModel, upstream: Upstream) -> MakeVideos:
    """Return what submits videos of four seconds for Alice."""
    give_credits(alice, 1000)

    def maker(*prompts: str, model: ImageModel = video_model, **choices: Any) -> Batch:
        facts = {"format": "mp4", "ratio": "16:9", "seconds": 4, **choices}
        return submit_order(alice, order(model, list(prompts or ["a fox"]), **facts), uuid.uuid4())

    return maker


def advance(batch: Batch) -> float | None:
    """Advance the batch as a worker does, without waiting for its pause."""
    Batch.objects.filter(pk=batch.pk).update(not_before=None)
    leases.expire(batch.pk)
    return turns.advance(batch.pk)


def run(batch: Batch, limit: int = 30) -> Batch:
    """Advance the batch until it has nothing more to do."""
    for _ in range(limit):
        if advance(batch) is None:
            break
    batch.refresh_from_db()
    return batch


def only(batch: Batch) -> Prompt:
    """Return the batch's one prompt."""
    return batch.prompts.get()


def started(upstream: Upstream) -> int:
    """Return how many predictions upstream was asked for."""
    return sum(call["endpoint"] == "predictions" and bool(call["prompt"]) for call in upstream.calls())
