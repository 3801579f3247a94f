"""Which photos a batch, and each of its prompts, is made with."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, ngettext

from batches.models import Batch, BatchReference, Reference
from batches.models.prompt import PromptQuerySet
from billing.refusals import Refusal

#: Of a batch or a prompt. Upstream takes 16, but each costs with each image.
MAX_REFERENCES = 8


class ReferencesGone(Refusal):
    code = "references_gone"
    status = 409
    field = "references"

    @property
    def sentence(self) -> str:
        return gettext("Reference photos were deleted from our server. Add them again.")


class OtherCount(Refusal):
    code = "other_count"
    status = 422
    field = "references"

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} photos are missing")
        self.count = count

    @property
    def sentence(self) -> str:
        return ngettext(
            "Add %(count)s photo: as many as were deleted.",
            "Add %(count)s photos: as many as were deleted.",
            self.count,
        ) % {"count": self.count}


def attach(batch: Batch, references: Mapping[int, Sequence[Reference]]) -> None:
    """Give photos to the batch, under 0, and to prompts, by position. Call it in a transaction.

    Raises `ReferencesGone` if one of them has been deleted meanwhile.
    """
    lock({photo.pk for photos in references.values() for photo in photos})
    BatchReference.objects.bulk_create(
        BatchReference(batch=batch, position=position, number=number, reference=photo)
        for position, photos in references.items()
        for number, photo in enumerate(photos, 1)
    )


def lock(wanted: set[UUID]) -> None:
    """Make sure that none of the photos is deleted before the commit."""
    if wanted and len(Reference.objects.select_for_update().filter(pk__in=wanted)) < len(wanted):
        raise ReferencesGone


@transaction.atomic
def fill(batch: Batch, photos: Sequence[Reference]) -> None:
    """Put photos in the places of the batch's photos that were deleted. Raises `OtherCount`, or `ReferencesGone`."""
    batch.lock()
    places = list(batch.reference_links.filter(position=0, reference=None))
    if len(places) != len(photos):
        raise OtherCount(len(places))
    lock({photo.pk for photo in photos})
    for place, photo in zip(places, photos, strict=True):
        place.reference = photo
        place.save(update_fields=["reference"])


def check(batch: Batch, prompts: PromptQuerySet) -> None:
    """Raise `ReferencesGone` if one of these prompts of the batch needs a photo that was deleted."""
    links = list(batch.reference_links.values_list("position", "number", "reference"))
    own = {position for position, _number, _photo in links if position}
    gone = {position: number for position, number, photo in reversed(links) if photo is None}
    if not gone:
        return
    for position, count in prompts.filter(reference_count__gt=0).values_list("position", "reference_count"):
        if gone.get(position if position in own else 0, count + 1) <= count:
            raise ReferencesGone


def copy(batch: Batch, positions: Mapping[int, int]) -> None:
    """Give the photos that prompts have of their own to other prompts too: `positions` leads from one to the other."""
    own = batch.reference_links.filter(position__in=positions) if positions else ()
    BatchReference.objects.bulk_create(
        BatchReference(
            batch=batch, position=positions[link.position], number=link.number, reference_id=link.reference_id
        )
        for link in own
    )
