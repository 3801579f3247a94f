"""The plan's limit of images while batches run: two or three queries before an image, more only near the limit."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from batches.choices import PromptStatus
from batches.models import Batch, Prompt
from billing import credits, quotas

#: Nobody has as many batches in flight at once as this, so further from the limit they need not be counted.
_NEAR = 50
#: A parked batch goes on for a part of the day's images, not to stop again after each.
_PARTS = 20


@dataclass(frozen=True, slots=True)
class Room:
    """How many images a customer may still begin."""

    left: int

    @property
    def is_near(self) -> bool:
        """Return whether other batches of the same customer could take what is left."""
        return self.left <= _NEAR


def room_of(user_id: int) -> Room:
    """Return what the customer may still begin; images in flight have taken their places."""
    left = quotas.images_left(user_id)
    if 0 < left <= _NEAR:
        in_flight = Prompt.objects.filter(batch__user=user_id, status=PromptStatus.GENERATING)
        left = max(0, left - in_flight.count())
    return Room(left)


def still_has_room(user: User) -> bool:
    """Ask again near the limit, one batch of the customer after the other until the caller's transaction ends."""
    credits.locked_account_of(user)
    return room_of(user.pk).left > 0


def resume_at(batch_id: uuid.UUID) -> datetime:
    """Return when a batch without room can go on."""
    batch = Batch.objects.select_related("user").get(pk=batch_id)
    a_part = quotas.allowance(batch.user).today_limit // _PARTS
    return quotas.next_free_at(batch.user, wanted=max(1, min(batch.open_count, a_part)))
