"""Storing reference photos, and deleting those that are not used."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import AuditAction, AuditEntry, User
from batches.clients import openai_moderation
from batches.clients.openai_errors import UpstreamError
from batches.models import Reference
from batches.pictures.finish import Picture
from batches.references.photos import LONGEST_EDGE, PhotoRefused, clean_photo
from billing.refusals import Refusal

logger = logging.getLogger(__name__)

#: Photos of a customer that no open batch has. Two uploads at once may pass the limit together, which does no harm.
MAX_UNUSED = 40
UNUSED_FOR = timedelta(hours=24)


class TooManyReferences(Refusal):
    code = "too_many_references"
    status = 422

    @property
    def sentence(self) -> str:
        return gettext("You have %(count)s unused reference photos, which is the limit. Delete some first.") % {
            "count": MAX_UNUSED
        }


def store(user: User, file: "File[bytes]") -> Reference:
    """Store an uploaded photo. Raises `PhotoRefused`, `TooManyReferences`, or `OSError` if the storage fails."""
    if Reference.objects.owned_by(user).unused().count() >= MAX_UNUSED:
        raise TooManyReferences
    picture = checked_photo(user, file, file.size or 0)
    reference = Reference(
        user=user, sha256=picture.sha256, width=picture.width, height=picture.height, byte_count=len(picture.data)
    )
    # The name of the upload is not used.
    reference.file.save("", ContentFile(picture.data), save=False)
    reference.save()
    return reference


def checked_photo(user: User, file: IO[bytes], byte_count: int, longest_edge: int | None = LONGEST_EDGE) -> Picture:
    """Return an uploaded photo as a JPEG of ours, unless the moderations API flags it. Raises `PhotoRefused`."""
    small = clean_photo(file, byte_count)
    _moderate(user, small.data)
    return small if longest_edge == LONGEST_EDGE else clean_photo(file, byte_count, longest_edge)


def _moderate(user: User, jpeg: bytes) -> None:
    """Refuse a photo that is flagged. In an outage none is, unless checks are required."""
    if not settings.OPENAI_MODERATION_MODEL:
        return
    try:
        found = openai_moderation.photo_categories(jpeg)
    except UpstreamError as error:
        logger.warning("a photo was not checked: %s (%s)", error.code, error.request_id)
        if settings.MODERATION_REQUIRED:
            raise PhotoRefused("unchecked") from error
        return
    if found:
        AuditEntry.objects.record(AuditAction.PHOTO_FLAGGED, user, actor=user, note=", ".join(found))
        raise PhotoRefused("flagged")


def delete_unused() -> None:
    """Delete the photos that are older than a day and belong to no open batch, and old files without a photo."""
    long_ago = timezone.now() - UNUSED_FOR
    Reference.objects.unused().filter(created_at__lt=long_ago).discard()
    for name in _files():
        # A new file may get its row soon, and a listed one may be deleted meanwhile.
        with suppress(FileNotFoundError):
            is_old = default_storage.get_modified_time(name) < long_ago
            if is_old and not Reference.objects.filter(file=name).exists():
                default_storage.delete(name)


def _files() -> Iterator[str]:
    try:
        for user_id in default_storage.listdir("references")[0]:
            for name in default_storage.listdir(f"references/{user_id}")[1]:
                yield f"references/{user_id}/{name}"
    except FileNotFoundError:
        return
