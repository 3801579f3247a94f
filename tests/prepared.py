"""What is costly to make and the same for all sites of a test run: static files, empty migrated databases.

`make test` names a folder that all its processes share. A pytest on its own has one that ends with it.
"""

import fcntl
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from operations.processes import MANAGE
from tests.databases import MariaDB
from tests.processes import ROOT

#: The environment variable that names the shared folder.
SHARED_FOLDER = "PREPARED_DIR"


def static_files() -> Path:
    """Return a STATIC_ROOT with the static files as they are now."""
    return once("static", lambda path: _manage("collectstatic", STATIC_ROOT=str(path)))


def sqlite_database() -> Path:
    """Return a SQLite file with an empty, migrated database."""
    return once("migrated.sqlite3", _migrate_sqlite)


def mariadb_dump(server: MariaDB) -> Path:
    """Return the statements that make an empty, migrated database; the first to ask lends a server for migrating."""
    return once("migrated.sql", lambda path: _migrate_mariadb(server, path))


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Return the file or folder `name`; who asks first lets `make` write it, the others wait."""
    folder = _folder()
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


def _migrate_sqlite(path: Path) -> None:
    _manage("migrate", DATABASE_URL=f"sqlite:///{path}")
    # Copying the one file must be enough: no write-ahead log beside it.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _migrate_mariadb(server: MariaDB, path: Path) -> None:
    _manage("migrate", DATABASE_URL=server.create("migrated"))
    server.dump("migrated", path)


def _manage(command: str, **environment: str) -> None:
    own = {"VAR_DIR": str(_folder()), **environment}
    arguments = [*MANAGE, command, "--no-input", "--verbosity=0"]
    subprocess.run(arguments, env={**os.environ, **own}, cwd=ROOT, check=True)
