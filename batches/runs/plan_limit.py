"""The plan's limit of images while batches run: two or three queries before an image, one more only near the limit."""

import random
import uuid
from datetime import datetime
from enum import Enum, auto

from batches.choices import PromptStatus
from batches.models import Batch, Prompt
from billing import quotas

#: A parked batch goes on for a part of the day's images, not to stop again after each.
_PARTS = 20
#: A turn without a place has had its batch for some milliseconds. So far apart, few are in each other's way.
_SECONDS_PER_RIVAL = 0.03
_SHORTEST_WAIT_SECONDS = 0.25


class Room(Enum):
    """Whether a customer may begin one more image."""

    FREE = auto()
    #: There may be a place, but more batches of the customer than places could be about to take it.
    CONTESTED = auto()
    #: What is left is taken by images in flight, if there was any.
    NONE = auto()


def check(prompt: Prompt) -> Room:
    """Return whether this customer may make one more image now.

    Exact without a lock. Only who has a batch makes its image, one, and gives the batch back in the transaction that
    charges it. So of all images that were let in, take the last one to be asked about here: at that moment each of the
    others was either charged already or its batch still had a worker. The batches are counted before the charges, so
    none escapes both counts. No more than left can begin.
    """
    left = quotas.images_left(prompt.batch.user_id)
    if left >= _leased_count(prompt):
        return Room.FREE
    in_flight = Prompt.objects.filter(batch__user=prompt.batch.user_id, status=PromptStatus.GENERATING)
    return Room.CONTESTED if left and left > in_flight.count() else Room.NONE


def wait_seconds(prompt: Prompt) -> float:
    """Return how long to wait where room is contested; at different times, so that somebody gets it."""
    return max(_SHORTEST_WAIT_SECONDS, _leased_count(prompt) * _SECONDS_PER_RIVAL) * random.uniform(0.5, 1.5)


def _leased_count(prompt: Prompt) -> int:
    return int(prompt.leased_count)  # type: ignore[attr-defined]  # annotated by `next_up`


def resume_at(batch_id: uuid.UUID) -> datetime:
    """Return when a batch without room can go on."""
    batch = Batch.objects.select_related("user").get(pk=batch_id)
    a_part = quotas.allowance(batch.user).today_limit // _PARTS
    return quotas.next_free_at(batch.user, wanted=max(1, min(batch.open_count, a_part)))
