"""What is costly to make and the same for all sites of a test run: static files, empty migrated databases.

`make test` names a folder that all its processes share. A pytest on its own has one that ends with it, and takes the
migrated database from pytest's cache as long as no model, migration or requirement has changed.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from operations.processes import MANAGE
from tests.databases import MARIADB_DATA, mariadb
from tests.processes import ROOT

#: The environment variable that names the shared folder.
SHARED_FOLDER = "PREPARED_DIR"
#: The name of the migrated database.
DATABASE = "imagesinbulk"


def static_files() -> Path:
    """Return a STATIC_ROOT with the static files as they are now."""
    return once("static", lambda path: _manage("collectstatic", STATIC_ROOT=str(path)))


def sqlite_database() -> Path:
    """Return a SQLite file with an empty, migrated database."""
    folder = _folder() if os.environ.get(SHARED_FOLDER) else _cache_of_databases()
    return once("migrated.sqlite3", _migrate_sqlite, folder)


def mariadb_data() -> Path:
    """Return the data of a stopped MariaDB server with an empty, migrated database."""
    return once("server", _migrate_mariadb) / MARIADB_DATA


def once(name: str, make: Callable[[Path], object], folder: Path | None = None) -> Path:
    """Return the file or folder `name`; the first process to ask writes it with `make`, the others wait."""
    folder = folder or _folder()
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            unfinished = folder / f"unfinished-{name}"
            make(unfinished)
            unfinished.rename(folder / name)
    return folder / name


@cache
def _folder() -> Path:
    if shared := os.environ.get(SHARED_FOLDER):
        return Path(shared)
    # Held by the cache: the folder goes when the process ends.
    return Path(_own_folder().name)


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True)


def _cache_of_databases() -> Path:
    sources = [ROOT / "requirements.txt"]
    for pattern in ("*/migrations/*.py", "*/models/*.py", "billing/**/*migration*/*.py", "billing/**/*migration*.py"):
        sources += ROOT.glob(pattern)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:16]
    folder = ROOT / ".pytest_cache" / "databases" / digest
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _migrate_sqlite(path: Path) -> None:
    _manage("migrate", DATABASE_URL=f"sqlite:///{path}")
    # Copying the one file must be enough: no write-ahead log next to it.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _migrate_mariadb(path: Path) -> None:
    path.mkdir()
    with mariadb(path) as server:
        _manage("migrate", DATABASE_URL=server.create(DATABASE))


def _manage(command: str, **environment: str) -> None:
    own = {"VAR_DIR": str(_folder()), **environment}
    arguments = [*MANAGE, command, "--no-input", "--verbosity=0"]
    subprocess.run(arguments, env={**os.environ, **own}, cwd=ROOT, check=True)
