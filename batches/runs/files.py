"""Files of images that are paid for but not booked yet: storing them, and finding them after a crash.

The file is stored before the booking. So an image that is on the disk is never generated a second time.
"""

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from batches.choices import Format
from batches.clients.openai import InputImage
from batches.delivery.storage import folder_of
from batches.models import Edit, Prompt, Reference
from batches.pictures.finish import CONTENT_TYPES, NotAPicture, Picture, finish
from batches.pictures.videos import Video, video_in
from lib.timed_cache import TimedCache

logger = logging.getLogger(__name__)

#: An operator has about ten minutes to free space. Threads block meanwhile: each has one image in memory.
STORE_AGAIN_SECONDS = (1.0, 5.0, *[15.0] * 40)
#: No image is requested while there is less room: many calls may be in flight, and each brings some megabytes.
LEAST_FREE_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 8 * 1024 * 1024


def has_room() -> bool:
    """Return whether a file can be stored now, and whether there is room for images."""
    try:
        default_storage.delete(default_storage.save("probe", ContentFile(b"probe")))
        # Storage that is not a disk has no path, and no known limit.
        with suppress(NotImplementedError):
            return shutil.disk_usage(default_storage.path("")).free >= LEAST_FREE_BYTES
    except OSError:
        return False
    return True


#: Cached, because it is checked before each image.
can_store = TimedCache(has_room, seconds=2.0)


def store(prompt: Prompt, picture: Picture | Video, on_first_failure: Callable[[], object]) -> str:
    """Store a file and return its name; retry while the disk is full or unavailable, then raise `OSError`."""
    name = f"{_start_of_name(prompt)}.{picture.format}"
    for number, delay in enumerate(STORE_AGAIN_SECONDS):
        try:
            return _save(name, picture)
        except OSError as error:
            if not number:
                logger.error("%s could not be stored; it is tried again: %s", name, error)
                on_first_failure()
        time.sleep(delay)
    return _save(name, picture)


class InputGone(Exception):
    """A photo or an image that the prompt is sent with has been deleted; `code` is the error of the prompt."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inputs(prompt: Prompt) -> tuple[list[InputImage], bytes]:
    """Return the files that are sent with the prompt: images, and the mask of an edit.

    Raises `InputGone`, or `OSError` if the storage fails.
    """
    if prompt.is_edit:
        return _of_edit(prompt.edit)
    if not prompt.reference_count:
        return [], b""
    photos = Reference.objects.of_prompt(prompt)
    if len(photos) < prompt.reference_count:
        raise InputGone("reference_gone")
    return [InputImage(_read(str(photo.file), "reference_gone")) for photo in photos], b""


def _of_edit(edit: Edit) -> tuple[list[InputImage], bytes]:
    if not edit.base:
        raise InputGone("base_gone")
    content_type = CONTENT_TYPES[edit.base.rpartition(".")[2]]
    base = InputImage(_read(edit.base, "base_gone"), content_type)
    return [base], _read(edit.mask, "base_gone") if edit.mask else b""


def _read(name: str, code_if_gone: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            data: bytes = file.read()
    except FileNotFoundError as missing:
        raise InputGone(code_if_gone) from missing
    return data


def find(prompt: Prompt) -> tuple[str, Picture | Video] | None:
    """Return the name of the file that the prompt's last call left, and its image; None if no file is whole."""
    start = _start_of_name(prompt)
    folder = folder_of(prompt.batch_id)
    try:
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return None
    for name in names:
        if name.startswith(start) and (picture := _whole_picture(name, prompt)):
            return name, picture
    return None


def _start_of_name(prompt: Prompt) -> str:
    # With the time of the call: an image of an earlier wording must not be taken for this one's.
    return f"{folder_of(prompt.batch_id)}/{prompt.position}-{prompt.started_at:%Y%m%d%H%M%S%f}"


def _whole_picture(name: str, prompt: Prompt) -> Picture | Video | None:
    try:
        with default_storage.open(name) as file:
            if prompt.format == Format.MP4:
                return video_in(file)
            return finish(file.read(), format=prompt.format, ratio=prompt.ratio)
    except (FileNotFoundError, NotAPicture):
        return None


def _save(name: str, picture: Picture | Video) -> str:
    file = picture.file
    # An image is written in one call instead of 24, each of which would wake another thread.
    file.DEFAULT_CHUNK_SIZE = _CHUNK_BYTES
    try:
        return default_storage.save(name, file)
    except OSError:
        with suppress(OSError):
            # Free the space that the incomplete file uses.
            default_storage.delete(name)
        raise
