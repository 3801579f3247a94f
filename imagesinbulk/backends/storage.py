"""S3-compatible storage for several machines. Needs requirements-s3.txt."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.utils.functional import cached_property
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

_CLIENT = Config(
    connect_timeout=5,
    read_timeout=30,
    # Callers wait longer where that is right.
    retries={"mode": "standard", "total_max_attempts": 3},
    # All threads of a worker share one client.
    max_pool_connections=100,
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    # Only Amazon's S3 supports boto3's new checksums: https://github.com/boto/boto3/issues/4398
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)

#: The code of a GET, and that of a HEAD, whose response has no body that could name it.
_MISSING = ("NoSuchKey", "404")


class SharedStorage(S3Storage):
    """S3 with the errors of a disk: `OSError` in an outage, `FileNotFoundError` for a missing file."""

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "client_config": _CLIENT,
            "object_parameters": {"CacheControl": "private, no-store"},
            # Threads of our own call it, and files are small.
            "transfer_config": TransferConfig(use_threads=False),
        }

    @cached_property
    def connection(self) -> Any:
        """One for all threads, as its client allows: with one each, a hundred threads need more than a gigabyte."""
        return super().connection

    def _open(self, name: str, mode: str = "rb") -> File:
        """Return the whole file, read in one request: an outage shows now, not after half of a response."""
        with _errors_of_a_disk():
            found = self.bucket.Object(self._normalize_name(clean_name(name))).get()
            return ContentFile(found["Body"].read(), name)

    def _save(self, name: str, content: File) -> str:
        with _errors_of_a_disk():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _errors_of_a_disk():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _errors_of_a_disk():
            return bool(super().exists(name))

    def get_modified_time(self, name: str) -> datetime:
        with _errors_of_a_disk():
            modified: datetime = super().get_modified_time(name)
            return modified

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _errors_of_a_disk():
            folders, files = super().listdir(path)
            return folders, files


@contextmanager
def _errors_of_a_disk() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        kind = FileNotFoundError if error.response["Error"]["Code"] in _MISSING else OSError
        raise kind(f"S3: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"S3: {error}") from error
