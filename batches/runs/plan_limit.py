"""The plan's image limit for running batches: two or three queries before an image, one more near the limit."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from accounts.models import User
from batches.choices import PromptStatus
from batches.models import Batch, Prompt
from billing import quotas
from billing.entitlements import plan_of

#: A batch on hold resumes when this fraction of the day's images is free, so that it doesn't stop after every image.
_PARTS = 20
#: A turn that finds no place holds its lease for some milliseconds. At this distance, few turns compete.
_SECONDS_PER_RIVAL = 0.03
_SHORTEST_WAIT_SECONDS = 0.25


class Room(Enum):
    FREE = auto()
    #: There may be a place, but the customer has more leased batches than places left.
    CONTESTED = auto()
    #: No images are left, or images in flight use all that are.
    NONE = auto()


def check(prompt: Prompt) -> Room:
    """Return whether this customer may make one more image now.

    This is exact without a lock. A worker makes one image of the batch that it leases, and releases the lease in the
    transaction that charges the image. Consider all images that were allowed, at the time of the last of these checks:
    each of the others is either charged already, or its batch is still leased. Leases are counted before charges, so
    that no image is missing from both counts. Therefore no more images start than are left.
    """
    left = quotas.images_left(prompt.batch.user_id)
    if left >= _leased_count(prompt):
        return Room.FREE
    in_flight = Prompt.objects.filter(batch__user=prompt.batch.user_id, status=PromptStatus.GENERATING)
    return Room.CONTESTED if left and left > in_flight.count() else Room.NONE


def wait_seconds(prompt: Prompt) -> float:
    """Return how long to wait for a contested place. It's random, so that batches don't try at the same time."""
    return max(_SHORTEST_WAIT_SECONDS, _leased_count(prompt) * _SECONDS_PER_RIVAL) * random.uniform(0.5, 1.5)


def _leased_count(prompt: Prompt) -> int:
    return int(prompt.leased_count)  # type: ignore[attr-defined]  # annotated by `next_up`


def resume_at(batch_id: uuid.UUID) -> datetime:
    batch = Batch.objects.select_related("user").get(pk=batch_id)
    return _next_part_at(batch.user, batch.open_count)


@dataclass(frozen=True)
class Split:
    """A run that reaches the plan's limit: how many images can be made now, and when the others continue."""

    now_count: int
    rest_at: datetime
    rest_count: int
    #: Images per 24 hours.
    limit: int


def split(user: User, count: int) -> Split | None:
    """Return how the plan's limit splits a run of `count` images, None if all can be made now."""
    left = quotas.images_left(user.pk)
    if count <= left:
        return None
    return Split(left, _next_part_at(user, count - left, coming=left), count - left, plan_of(user).images_per_day)


def _next_part_at(user: User, count: int, coming: int = 0) -> datetime:
    a_part = plan_of(user).images_per_day // _PARTS
    return quotas.next_free_at(user, wanted=max(1, min(count, a_part)), coming=coming)
