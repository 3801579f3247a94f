"""Finished videos: proven to be whole MP4 files, and stored as they are."""

import hashlib
from dataclasses import dataclass
from typing import IO

from django.core.files.base import File

from batches.pictures.finish import NotAPicture
from lib import mp4

#: Far above what a model makes in a minute.
MAX_BYTES = 250 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Video:
    content: IO[bytes]
    width: int
    height: int
    sha256: str
    byte_count: int
    format: str = "mp4"

    @property
    def file(self) -> File:
        self.content.seek(0)
        return File(self.content)


def video_in(content: IO[bytes]) -> Video:
    """Return the video in an open file. Raises `NotAPicture`."""
    try:
        width, height = mp4.picture_size(content)
    except mp4.NotMP4 as error:
        raise NotAPicture("not_a_video") from error
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    return Video(content, width, height, sha256, content.tell())
