"""A batch as one ZIP for programs, written while it is sent: never whole in memory or on the disk.

The images are stored as they are, for there is nothing left in them to compress; so its size is known before the
first byte, and a download that was cut off is noticed. Browsers make theirs themselves, out of what they keep.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from zipstream import ZipStream

from batches.choices import PromptStatus
from batches.manifest import rows_to_csv
from batches.models import Batch
from batches.names import zip_name
from batches.progress import manifest_rows

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
    chunks: Iterator[bytes]


def archive(batch: Batch) -> Archive:
    """Return the ZIP of the images that the server has, in list order, and of `manifest.csv`, which tells of all.

    Raises `NothingReady` or `NothingLeft`. A file that is deleted before its turn has come ends `chunks` with
    `FileNotFoundError`: less arrives than was announced.
    """
    prompts = list(batch.prompts.select_related("image_model").order_by("position"))
    ready = [prompt for prompt in prompts if prompt.status == PromptStatus.READY]
    if not ready:
        gone = any(prompt.status == PromptStatus.EXPIRED for prompt in prompts)
        raise NothingLeft if gone else NothingReady
    stream = ZipStream(sized=True)
    for prompt in ready:
        stream.add(_read(prompt.image), prompt.file_name, size=prompt.byte_count)
    stream.add(rows_to_csv(manifest_rows(prompts)), "manifest.csv")
    return Archive(zip_name(batch.title), len(stream), iter(stream))


def _read(image: str) -> Iterator[bytes]:
    with default_storage.open(image) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
