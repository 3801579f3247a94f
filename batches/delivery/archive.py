"""A batch as one ZIP, streamed: never whole in memory or on the disk.

Images are stored without compression, which would save nothing. So the size is known before the first byte, and an
incomplete download is noticed. Browsers that can store images make their own ZIP from those.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.files.storage import default_storage
from django.db.models.functions import Coalesce
from django.utils.http import content_disposition_header
from zipstream import ZipStream

from accounts.models import User
from batches.choices import PromptStatus
from batches.delivery.manifest import manifest_rows, names_in_zip, rows_to_csv
from batches.lists.file_names import zip_name
from batches.models import Batch
from rest.downloads import Download, TooManyDownloads

_CHUNK_BYTES = 256 * 1024


class NothingReady(Exception):
    """No image of the batch has been made yet."""


class NothingLeft(Exception):
    """All images of the batch have been deleted from the server."""


@dataclass(frozen=True)
class Archive:
    """A ZIP to be sent once."""

    name: str
    byte_count: int
    chunks: "_ClosingChunks"

    def as_response(self, user: User) -> Download:
        """Raises `TooManyDownloads`."""
        headers = {
            "Content-Length": str(self.byte_count),
            "Content-Disposition": content_disposition_header(True, self.name) or "",
        }
        try:
            return Download(user.pk, self.chunks, headers)
        except TooManyDownloads:
            self.chunks.close()
            raise


def archive(batch: Batch, delimiter: str = ",") -> Archive:
    """Return a ZIP of the images on the server, in list order, and of `manifest.csv`, which lists all prompts.

    `delimiter` is the manifest's.

    Raises `NothingReady` or `NothingLeft`. If a file is deleted before it is sent, `chunks` ends with
    `FileNotFoundError`, and the client receives fewer bytes than announced.
    """
    names = names_in_zip(batch.prompts.made())
    rows = batch.prompts.on_server().order_by(Coalesce("origin__position", "position"))
    ready = [
        (image, names[position], byte_count)
        for position, image, byte_count in rows.values_list("position", "image", "byte_count")
        if position in names
    ]
    if not ready:
        gone = batch.prompts.filter(status=PromptStatus.EXPIRED).exists()
        raise NothingLeft if gone else NothingReady
    stream = ZipStream(sized=True)
    for image, file_name, byte_count in ready:
        stream.add(_read(image), file_name, size=byte_count)
    manifest = SpooledTemporaryFile(_CHUNK_BYTES)  # noqa: SIM115  (closed after sending)
    manifest.writelines(line.encode() for line in rows_to_csv(manifest_rows(batch.prompts.all(), names), delimiter))
    stream.add(_chunks(manifest), "manifest.csv", size=manifest.tell())
    return Archive(zip_name(batch.title), len(stream), _ClosingChunks(manifest, stream))


def _read(image: str) -> Iterator[bytes]:
    with default_storage.open(image) as file:
        yield from _chunks(file)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    yield from iter(partial(file.read, _CHUNK_BYTES), b"")


class _ClosingChunks:
    """Chunks that close their file, even if they are never read. A generator closes only once it has started."""

    def __init__(self, file: IO[bytes], chunks: Iterable[bytes]) -> None:
        self.file = file
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        with self.file:
            yield from self.chunks

    def close(self) -> None:
        self.file.close()
