"""A batch as one ZIP for programs, written while it is sent: never whole in memory or on the disk.

The images are stored as they are, for there is nothing left in them to compress; so its size is known before the
first byte, and a download that was cut off is noticed. Browsers make theirs themselves, out of what they keep.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.files.storage import default_storage
from zipstream import ZipStream

from batches.choices import PromptStatus
from batches.delivery.manifest import manifest_rows, rows_to_csv
from batches.lists.file_names import zip_name
from batches.models import Batch

CONTENT_TYPE = "application/zip"
_CHUNK_BYTES = 256 * 1024


class NothingReady(Exception):
    """No image of the batch has been made (yet)."""


class NothingLeft(Exception):
    """The server had images of the batch, and has none of them any more."""


@dataclass(frozen=True)
class Archive:
    """A ZIP about to be sent, once."""

    name: str
    byte_count: int
    chunks: "_ClosingChunks"


def archive(batch: Batch) -> Archive:
    """Return the ZIP of the images that the server has, in list order, and of `manifest.csv`, which tells of all.

    Raises `NothingReady` or `NothingLeft`. A file that is deleted before its turn has come ends `chunks` with
    `FileNotFoundError`: less arrives than was announced.
    """
    ready = list(batch.prompts.on_server().order_by("position").values_list("image", "file_name", "byte_count"))
    if not ready:
        gone = batch.prompts.filter(status=PromptStatus.EXPIRED).exists()
        raise NothingLeft if gone else NothingReady
    stream = ZipStream(sized=True)
    for image, file_name, byte_count in ready:
        stream.add(_read(image), file_name, size=byte_count)
    manifest = SpooledTemporaryFile(_CHUNK_BYTES)  # noqa: SIM115  (closed when all has been sent)
    manifest.writelines(line.encode() for line in rows_to_csv(manifest_rows(batch.prompts.all())))
    stream.add(_chunks(manifest), "manifest.csv", size=manifest.tell())
    return Archive(zip_name(batch.title), len(stream), _ClosingChunks(manifest, stream))


def _read(image: str) -> Iterator[bytes]:
    with default_storage.open(image) as file:
        yield from _chunks(file)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    yield from iter(partial(file.read, _CHUNK_BYTES), b"")


class _ClosingChunks:
    """Chunks that close a file with them, also if none was ever asked for: a generator could not, before it began."""

    def __init__(self, file: IO[bytes], chunks: Iterable[bytes]) -> None:
        self.file = file
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        with self.file:
            yield from self.chunks

    def close(self) -> None:
        self.file.close()
