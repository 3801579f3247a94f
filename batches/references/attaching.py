"""Which photos a batch, and each of its prompts, is made with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, ngettext

from batches.models import Batch, BatchReference, Reference
from batches.models.prompt import PromptQuerySet
from batches.references import positions
from billing.refusals import Refusal

#: The most photos of a batch or a prompt. Upstream accepts 16, but charges for each photo with each image.
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
            "Add %(count)s photo to replace the deleted one.",
            "Add %(count)s photos to replace the deleted ones.",
            self.count,
        ) % {"count": self.count}


def attach(batch: Batch, references: Mapping[int, Sequence[Reference]]) -> None:
    """Give photos to the batch, under 0, and to prompts, by position. Call it in a transaction.

    Raises `ReferencesGone` if one of them has been deleted meanwhile.
    """
    lock({photo.pk for photos in references.values() for photo in photos})
    numbers: dict[UUID, int] = {}
    BatchReference.objects.bulk_create(
        BatchReference(
            batch=batch,
            position=position,
            number=number,
            photo_number=numbers.setdefault(photo.pk, len(numbers) + 1),
            reference=photo,
        )
        for position, photos in sorted(references.items())
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
    deleted = batch.reference_links.filter(reference=None).exclude(photo_number=0)
    numbers = sorted(set(deleted.values_list("photo_number", flat=True)))
    if len(numbers) != len(photos):
        raise OtherCount(len(numbers))
    lock({photo.pk for photo in photos})
    for number, photo in zip(numbers, photos, strict=True):
        deleted.filter(photo_number=number).update(reference=photo)


@dataclass(frozen=True)
class BatchPhoto:
    """A photo on the page of its batch. `prompts` are the positions of the only prompts that have it, empty for all."""

    number: int
    reference_id: UUID | None
    #: What prompts call it, if all have it.
    image_number: int
    prompts: str


def photos_of(batch: Batch) -> list[BatchPhoto]:
    columns = ("photo_number", "position", "number", "reference")
    rows = list(batch.reference_links.exclude(photo_number=0).order_by(*columns[:2]).values_list(*columns))
    # Versions have photos of their own, too.
    last = batch.prompts.in_the_list().count() if any(position for _photo, position, *_ in rows) else 0
    photos = []
    for photo_number, group in groupby(rows, itemgetter(0)):
        links = list(group)
        _, first, number, reference_id = links[0]
        prompts = "" if first == 0 else positions.write(position for _, position, *_ in links if position <= last)
        photos.append(BatchPhoto(photo_number, reference_id, number, prompts))
    return photos


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


def copy(batch: Batch, versions: Mapping[int, int]) -> None:
    """Copy the prompts' own photos to their versions; `versions` has the positions of both."""
    own = batch.reference_links.filter(position__in=versions) if versions else ()
    BatchReference.objects.bulk_create(
        BatchReference(
            batch=batch,
            position=versions[link.position],
            number=link.number,
            photo_number=link.photo_number,
            reference_id=link.reference_id,
        )
        for link in own
    )
