"""The server's copy of an image, from when it is ready until the browser has stored it."""

import logging
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import IO, TypeVar

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from batches.choices import OPEN_PROMPT, PromptStatus
from batches.models import Batch, Edit, Prompt

logger = logging.getLogger(__name__)
Thing = TypeVar("Thing", Batch, Prompt, uuid.UUID)
_CHUNK = 500
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: By then, every request that loaded the batch before it was deleted, or is storing a file, has ended.
_REQUESTS_ARE_OVER = timedelta(minutes=10)


def open_image(prompt: Prompt) -> IO[bytes] | None:
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
    without its file. `delete_unused` removes unused files with the last image of their batch.
    """
    now = timezone.now()
    aged_out = Prompt.objects.aged_out(now)
    if dry_run:
        return aged_out.count()
    count, pks = 0, list(aged_out.order_by("batch_id", "position").values_list("pk", flat=True))
    for start in range(0, len(pks), _CHUNK):
        prompts = aged_out.filter(pk__in=pks[start : start + _CHUNK]).select_related("batch")
        count += sum(_attempt(expire, prompt) for prompt in prompts)
    delete_unused()
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
    # A worker may be storing one more file now. It deletes that file itself, and the next purge tries again.
    _delete(batch.pk, _names(batch.pk))


def delete_unused() -> None:
    """Delete the folders of batches without images on the server, if none will follow."""
    try:
        names, _ = default_storage.listdir("images")
    except FileNotFoundError:
        return
    batch_ids = [uuid.UUID(name) for name in names if _ID.fullmatch(name)]
    for start in range(0, len(batch_ids), _CHUNK):
        for batch_id in _without_images(batch_ids[start : start + _CHUNK]):
            _attempt(_delete_unused_of, batch_id)


def _delete_unused_of(batch_id: uuid.UUID) -> None:
    files = [name for name in _names(batch_id) if _is_old(f"{folder_of(batch_id)}/{name}")]
    # Checked again after listing: the customer may have retried the batch, and a worker stored an image.
    if _without_images([batch_id]):
        _delete(batch_id, files)


def _is_old(name: str) -> bool:
    """Return whether a file is old enough to have a row. The files of an edit are stored before its row."""
    with suppress(FileNotFoundError):
        return default_storage.get_modified_time(name) < timezone.now() - _REQUESTS_ARE_OVER
    return False


def _without_images(batch_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return the batches without images now and later, except unknown ones, which may be of another database."""
    needing = Prompt.objects.filter(batch=OuterRef("pk"), status__in=(*OPEN_PROMPT, PromptStatus.READY))
    # `batches.editing.edits` deletes the files of an edit that failed after a day: until then, it can be retried.
    failed_edits = Edit.objects.filter(prompt__batch=OuterRef("pk")).exclude(base="")
    unneeded = Batch.objects.filter(~Exists(needing), ~Exists(failed_edits), pk__in=batch_ids)
    return list(unneeded.order_by().values_list("pk", flat=True))


def folder_of(batch_id: uuid.UUID) -> str:
    return f"images/{batch_id}"


def _names(batch_id: uuid.UUID) -> list[str]:
    try:
        return list(default_storage.listdir(folder_of(batch_id))[1])
    except FileNotFoundError:
        return []


def _delete(batch_id: uuid.UUID, names: Iterable[str]) -> None:
    folder = folder_of(batch_id)
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    # Some storages have no folders. A folder that isn't empty stays.
    with suppress(OSError):
        default_storage.delete(folder)


def purge_deleted() -> None:
    """Delete the rows of batches that customers deleted, once no worker and no request uses them."""
    deleted = Batch.objects.filter(deleted_at__lt=timezone.now() - _REQUESTS_ARE_OVER, lease_token="")
    for batch in deleted[:_CHUNK]:
        _attempt(_purge, batch)


def _purge(batch: Batch) -> None:
    delete_files(batch)
    batch.delete()


def _attempt(act: Callable[[Thing], object], thing: Thing) -> bool:
    """Return the act's answer as a boolean; False after a bug that only this batch or image meets."""
    try:
        return bool(act(thing))
    except (OperationalError, InterfaceError, OSError):
        # The storage or the database is unavailable, and the others would meet that too.
        raise
    except Exception:
        logger.exception("%s has a fault: %s", act.__qualname__, getattr(thing, "pk", thing))
        return False
