"""“Use this image for the rest”: an image becomes a reference photo of the prompts that are still waiting."""

from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Count, F, Max, Sum, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext

from accounts.models import User
from batches.choices import OPEN_BATCH, Moderation, PromptStatus
from batches.keys import limits
from batches.models import Batch, BatchReference, ImageModel, Prompt, Reference
from batches.models.prompt import PromptQuerySet
from batches.orders import text_limit
from batches.references import uploads
from batches.references.attaching import MAX_REFERENCES, lock
from billing.credits import ledger
from billing.refusals import Refusal

_BETWEEN = ", "


class UsedAlready(Refusal):
    code = "wrong_state"
    status = 409

    @property
    def sentence(self) -> str:
        return gettext("The waiting images are already created from this image.")


@dataclass(frozen=True)
class Change:
    """What would change: how many images, and for how many more credits. The photo becomes “image `number`”."""

    number: int
    image_count: int
    credits: int

    @property
    def style(self) -> str:
        return gettext("same style as image %(number)s, other content") % {"number": self.number}


def change_of(batch: Batch) -> Change:
    number = batch.reference_links.filter(position=0).count() + 1
    rows = _waiting(batch) if batch.status in OPEN_BATCH and number <= MAX_REFERENCES else Prompt.objects.none()
    more = F("image_model__reference_credits") * (number - F("reference_count"))
    sums = rows.aggregate(count=Count("pk"), credits=Sum(more, default=0))
    return Change(number, sums["count"], sums["credits"])


def _waiting(batch: Batch) -> PromptQuerySet:
    """Return the waiting prompts, without edits, prompts with photos of their own, and models without photos."""
    own = batch.reference_links.exclude(position=0).values("position")
    rows = batch.prompts.filter(status=PromptStatus.QUEUED, image_model__reference_credits__isnull=False, edit=None)
    return rows.exclude(position__in=own)


def use_image(batch: Batch, file: "File[bytes]", actor: User, **terms: Any) -> Change | None:
    """Store the image as a photo and `use` it with these terms. Raises what `uploads.store` and `use` raise."""
    photo, change = uploads.store(actor, file), None
    try:
        change = use(batch, photo, actor, **terms)
    finally:
        if change is None:
            Reference.objects.filter(pk=photo.pk).discard()
    return change


@transaction.atomic
def use(batch: Batch, photo: Reference, actor: User, *, credits: int, has_style: bool = False) -> Change | None:
    """Create the waiting images from `photo` too, and hold their credits; `has_style` adds words to their prompts.

    Return None and change nothing if none is waiting, or if it costs more than `credits`. Raises a
    `billing.refusals.Refusal`. Images in flight stay as they are.
    """
    batch.lock()
    change = change_of(batch)
    if not change.image_count or change.credits > credits:
        return None
    if batch.reference_links.filter(position=0, reference__sha256=photo.sha256).exists():
        # A form that is sent twice must not cost twice.
        raise UsedAlready
    lock({photo.pk})
    rows = batch.prompts.filter(pk__in=list(_waiting(batch).values_list("pk", flat=True)))
    words = change.style if has_style else ""
    characters = len(words) * change.image_count + len(_BETWEEN) * rows.exclude(style="").count() if words else 0
    ledger.locked_account_of(batch.user)
    limits.check(batch.api_key, change.credits)
    text_limit.check(batch.user, characters)
    ledger.hold(batch.user, change.credits, key=f"batch:{batch.pk}")
    photo_number = batch.reference_links.aggregate(last=Max("photo_number", default=0))["last"] + 1
    BatchReference.objects.create(batch=batch, number=change.number, photo_number=photo_number, reference=photo)
    # The page shows the batch's style.
    style = _BETWEEN.join(filter(None, (batch.style, words)))
    revision = batch.touch(style=style, character_count=F("character_count") + characters)
    for model in list(ImageModel.objects.filter(pk__in=rows.values("image_model"))):
        more = model.credits_for(1) * (change.number - F("reference_count"))
        # MariaDB sets the columns in this order.
        of_model = rows.filter(image_model=model)
        of_model.update(credits=F("credits") + more, reference_count=change.number, revision=revision)
    if words:
        rows.exclude(style="").update(style=Concat("style", Value(_BETWEEN + words)), moderation=Moderation.UNCHECKED)
        rows.filter(style="").update(style=words, moderation=Moderation.UNCHECKED)
    return change
