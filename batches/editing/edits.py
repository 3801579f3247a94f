"""Edits of images: storing them with their files, and deleting the files once they are not needed."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from batches.choices import OPEN_PROMPT, BatchStatus, PromptStatus
from batches.delivery.storage import folder_of
from batches.models import Batch, Edit, ModelQuality, Prompt
from batches.pictures.finish import Picture
from batches.review import versions

#: Until then, a failed edit can be retried.
_FAILED_FOR = timedelta(hours=24)
_CHUNK = 500


def cost(price: ModelQuality) -> int:
    """Return the credits of an edit: upstream also charges for reading the image."""
    return price.credits_for(None, 1)


def submit(
    source: Prompt, text: str, price: ModelQuality, base: Picture, mask: bytes, key: uuid.UUID, actor: User
) -> Prompt | None:
    """Add a version that changes the image `source`, hold its credits, and enqueue the batch.

    The same `key` again returns the same version. None if the image can't have versions. Raises a
    `billing.refusals.Refusal`, or `OSError` if the storage fails; then nothing is stored.
    """
    if earlier := _earlier(source.batch, key):
        return earlier
    with _stored(source.batch, base, mask) as files:
        return _submit(source, text, price, files, key, actor)


def _earlier(batch: Batch, key: uuid.UUID) -> Prompt | None:
    return batch.prompts.filter(edit__submission_key=key).first()


@contextmanager
def _stored(batch: Batch, base: Picture, mask: bytes) -> Iterator[dict[str, str]]:
    """Store the files and yield their names. Files that no edit uses afterwards are deleted.

    They are in the folder of the batch, so they are deleted with it at the latest.
    """
    key = uuid.uuid4()
    files = {"base": (f"{key}-base.{base.format}", base.data), "mask": (f"{key}-mask.png", mask)}
    names: dict[str, str] = {}
    try:
        for field, (name, data) in files.items():
            if data:
                names[field] = default_storage.save(f"{folder_of(batch.pk)}/edit-{name}", ContentFile(data))
        yield names
    finally:
        if names and not Edit.objects.filter(base=names.get("base", "")).exists():
            _delete(names.values())


@transaction.atomic
def _submit(
    source: Prompt, text: str, price: ModelQuality, files: dict[str, str], key: uuid.UUID, actor: User
) -> Prompt | None:
    batch = source.batch
    batch.lock()
    if earlier := _earlier(batch, key):
        return earlier
    if batch.deleted_at or batch.status == BatchStatus.CANCELLED or not source.may_edit:
        return None
    # The instruction is sent as the customer wrote it, without the style of the list.
    changes = {"text": text, "style": "", "reference_count": 0, "credits": cost(price)}
    [version] = versions.next_versions(batch, [(source, price)], **changes)
    versions.add(batch, [version], actor)
    Edit.objects.create(prompt=version, source=source, submission_key=key, **files)
    return version


def delete_unneeded() -> None:
    """Delete the files of edits that have ended. Those of failed edits stay for a day, so that they can be retried."""
    is_over = ~Q(prompt__status__in=(*OPEN_PROMPT, PromptStatus.FAILED))
    # From the last attempt: an edit may have waited for days. One that was flagged had none.
    failed_at = Coalesce("prompt__started_at", "created_at")
    is_given_up = Q(prompt__status=PromptStatus.FAILED, failed_at__lt=timezone.now() - _FAILED_FOR)
    edits = Edit.objects.exclude(base="").alias(failed_at=failed_at)
    for edit in edits.filter(is_over | is_given_up)[:_CHUNK]:
        # The row first: a crash in between leaves a file, which goes with its batch, and no row without its file.
        Edit.objects.filter(pk=edit.pk).update(base="", mask="")
        _delete([edit.base, edit.mask])


def _delete(names: Iterable[str]) -> None:
    for name in filter(None, names):
        with suppress(OSError):
            default_storage.delete(name)
