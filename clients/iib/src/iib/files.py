"""Files in the folder of a batch, which are written completely or not at all."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from iib.failures import ServerFailure, UsageFailure
from iib.screens import printable

if sys.platform != "win32":
    import fcntl

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".mp4"})
_SEPARATORS = frozenset("/\\:\0")
_LOCK = ".iib.lock"


def place_of(folder: Path, name: str) -> Path:
    """Return the path of an image; raises `ServerFailure` for a name that is not a plain file name of a picture.

    The site makes safe names. They are checked again, because a malicious server could send `../.bashrc`.
    """
    is_plain = not (set(name) & _SEPARATORS) and printable(name) == name and not name.startswith(".")
    if not is_plain or Path(name).suffix.lower() not in _PICTURES:
        raise ServerFailure(f"The site names a file {name!r}, which is not a safe name for a picture.")
    return folder / name


@contextmanager
def written_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that replaces `path` once it is complete and synced; it is deleted after an error."""
    descriptor, name = tempfile.mkstemp(prefix=".iib-", suffix=".part", dir=path.parent)
    try:
        with open(descriptor, "w+b") as file:  # noqa: PTH123  (the descriptor is open already)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: bytes) -> None:
    """Write the file, readable only by its owner. Readers see the old or the new content, never a part."""
    with written_atomically(path) as file:
        file.write(content)


def apply_umask(path: Path) -> None:
    """Give the file the user's usual permissions; temporary files are private."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file; None if it is not a regular file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_leftovers(folder: Path) -> None:
    """Delete files that a killed process has left half-written; call it with the folder locked."""
    for leftover in folder.glob(".iib-*.part"):
        leftover.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder for this process; raises `UsageFailure` if another one has it."""
    with (folder / _LOCK).open("w") as file:
        # Windows has no such lock; there, nothing prevents two runs in one folder.
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageFailure(f"Another iib is running in {folder}.") from error
        yield
