"""The server's copy of an image, from when it is ready until the browser has stored it."""

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
#: By then, every request that loaded the batch before it was deleted has ended.
_REQUESTS_ARE_OVER = timedelta(minutes=10)


def open_image(prompt: Prompt) -> IO[bytes] | None:
    """Return the stored image, None if the server does not have it."""
    if prompt.status != PromptStatus.READY:
        return None
    try:
        return default_storage.open(prompt.image)
    except FileNotFoundError:
        return None


def confirm(batch: Batch, hashes: Mapping[int, str]) -> list[int]:
    """Record which images the browser has stored, by position and SHA-256; return the accepted positions.

    If the hash differs, the browser must fetch that image again. Confirming twice is harmless.
    """
    ready = batch.prompts.on_server().filter(position__in=hashes)
    stored = [position for position, sha256 in ready.values_list("position", "sha256") if hashes[position] == sha256]
    batch.prompts.filter(position__in=stored, confirmed_at=None).update(confirmed_at=timezone.now())
    return stored


def expire_images(*, dry_run: bool = False) -> int:
    """Delete the files that browsers have confirmed or that are too old; return how many.

    The row is changed before the file is deleted. A crash between the two leaves an unused file, never a row
    without its file. `delete_files` removes unused files when the batch is deleted.
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
    """Delete the server's file of one image; False if another worker has done so, and then nothing is changed."""
    image = prompt.image
    with transaction.atomic():
        is_ours = prompt.expire(prompt.batch.touch())
        if not is_ours:
            transaction.set_rollback(True)
    if is_ours:
        default_storage.delete(image)
    return is_ours


def delete_files(batch: Batch) -> None:
    """Delete every file of a batch."""
    folder = folder_of(batch.pk)
    try:
        _, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    # A worker may be storing one more file now. It deletes that file itself, and the next purge tries again.
    _remove_folder(batch.pk)


def folder_of(batch_id: uuid.UUID) -> str:
    return f"images/{batch_id}"


def _remove_folder(batch_id: uuid.UUID) -> None:
    """Remove the folder of a batch if it is empty. Some storages have no folders."""
    with suppress(OSError):
        default_storage.delete(folder_of(batch_id))


def purge_deleted() -> None:
    """Delete the rows of batches that customers deleted, once no worker and no request uses them."""
    deleted = Batch.objects.filter(deleted_at__lt=timezone.now() - _REQUESTS_ARE_OVER, lease_token="")
    for batch in deleted[:_CHUNK]:
        delete_files(batch)
        batch.delete()
