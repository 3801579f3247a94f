"""Delivery: the server's short-lived copy of an image, from ready until the browser has it."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import IO

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from batches.choices import PromptStatus
from batches.models import Batch, Prompt

_CHUNK = 500
#: A request that found the batch before it was deleted has ended by then.
_REQUESTS_ARE_OVER = timedelta(minutes=10)


def open_image(prompt: Prompt) -> IO[bytes] | None:
    """Return the stored image, None if the server does not have it (any more)."""
    if prompt.status != PromptStatus.READY:
        return None
    try:
        return default_storage.open(prompt.image)
    except FileNotFoundError:
        return None


def confirm(batch: Batch, hashes: Mapping[int, str]) -> list[int]:
    """Note which images the browser has stored, by position and SHA-256; return the positions believed.

    A hash that differs is not believed: the browser must fetch that image again. Confirming twice is harmless.
    """
    ready = batch.prompts.on_server().filter(position__in=hashes)
    stored = [position for position, sha256 in ready.values_list("position", "sha256") if hashes[position] == sha256]
    batch.prompts.filter(position__in=stored, confirmed_at=None).update(confirmed_at=timezone.now())
    return stored


def expire_images(*, dry_run: bool = False) -> int:
    """Delete the copies that browsers have confirmed or that are too old; return how many.

    The row is changed before the file goes, so that a crash between the two leaves a stray file, never a
    row that promises one; `delete_files` of the batch removes strays when the batch goes.
    """
    now = timezone.now()
    aged_out = Prompt.objects.aged_out(now).select_related("batch").order_by("batch_id", "position")
    if dry_run:
        return aged_out.count()
    count = 0
    while prompts := list(aged_out[:_CHUNK]):
        count += sum(map(expire, prompts))
        for batch_id in {prompt.batch_id for prompt in prompts}:
            _remove_folder(batch_id)
    purge_deleted()
    return count


def expire(prompt: Prompt) -> bool:
    """Delete the server's copy of one image; False, and nothing is changed, when another worker has done so."""
    image = prompt.image
    with transaction.atomic():
        is_ours = prompt.expire(prompt.batch.touch())
        if not is_ours:
            transaction.set_rollback(True)
    if is_ours:
        default_storage.delete(image)
    return is_ours


def delete_files(batch: Batch) -> None:
    """Delete every file that the server has of a batch."""
    folder = _folder(batch.pk)
    try:
        _, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    # A worker may be storing one more at this moment; it takes that back, and the purge comes again.
    _remove_folder(batch.pk)


def _folder(batch_id: uuid.UUID) -> str:
    return f"images/{batch_id}"


def _remove_folder(batch_id: uuid.UUID) -> None:
    """Remove the folder of a batch unless there is a file in it; a storage without folders has nothing to remove."""
    with suppress(OSError):
        default_storage.delete(_folder(batch_id))


def purge_deleted() -> None:
    """Remove the rows of batches that customers threw away, once no worker and no request has them."""
    deleted = Batch.objects.filter(deleted_at__lt=timezone.now() - _REQUESTS_ARE_OVER, lease_token="")
    for batch in deleted[:_CHUNK]:
        delete_files(batch)
        batch.delete()
