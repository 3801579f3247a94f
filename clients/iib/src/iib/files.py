"""Files in the folder of a batch: written whole or not at all, and nowhere else."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from iib.failures import ServerFailure, UsageFailure

if sys.platform != "win32":
    import fcntl

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_SEPARATORS = frozenset("/\\:\0")
_LOCK = ".iib.lock"


def place_of(folder: Path, name: str) -> Path:
    """Return where an image goes; `ServerFailure` for a name that is no plain name of a picture.

    The site makes safe names; that is checked again, because whoever answers at its address could say `../.bashrc`.
    """
    is_plain = not (set(name) & _SEPARATORS) and name.isprintable() and not name.startswith(".")
    if not is_plain or Path(name).suffix.lower() not in _PICTURES:
        raise ServerFailure(f"The site names a file {name!r}, which is not a safe name for a picture.")
    return folder / name


@contextmanager
def written_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of `path` once it is complete and on the disk; after an error it is gone."""
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
    """Write the whole file, readable by its owner alone; a reader sees the old or the new, never a half."""
    with written_atomically(path) as file:
        file.write(content)


def open_to_all(path: Path) -> None:
    """Give a finished file the permissions that the person's other files have: temporary files are private."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file; None where there is no regular file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed process left half-written; call it under the folder's lock."""
    for leftover in folder.glob(".iib-*.part"):
        leftover.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; `UsageFailure` while another one has it."""
    with (folder / _LOCK).open("w") as file:
        # Windows has no such lock; there, two runs in one folder are not kept apart.
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageFailure(f"Another iib is at work in {folder}.") from error
        yield
