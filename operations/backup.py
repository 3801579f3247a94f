"""The database as one file, and back. Images are not part of it: the customers' browsers have them."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import zlib
from contextlib import closing
from pathlib import Path

from django.db import connection

#: A dump of one moment, while the site runs.
_DUMP_OPTIONS = ("--single-transaction", "--quick", "--skip-lock-tables", "--hex-blob")


class BackupFailed(Exception):
    """The message says why."""


def suffix() -> str:
    return ".sqlite3" if connection.vendor == "sqlite" else ".sql.gz"


def save(file: Path) -> None:
    """Write the database to `file`, which appears when it is complete, readable by its owner only.

    Raises `FileExistsError` if another process is writing it.
    """
    unfinished = file.with_name(f".{file.name}")
    unfinished.touch(mode=0o600, exist_ok=False)
    try:
        if connection.vendor == "sqlite":
            # Unlike a copy of the file, it has what is still in the write-ahead log.
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(unfinished)])
        else:
            _dump_mariadb(unfinished)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def load(file: Path) -> None:
    """Fill the database, which must be empty, from a file that `save` has written."""
    if connection.introspection.table_names():
        raise BackupFailed("The database of DATABASE_URL has tables. Restore into an empty one.")
    try:
        if connection.vendor == "sqlite":
            _load_sqlite(file)
        else:
            _load_mariadb(file)
    except (OSError, EOFError, zlib.error, sqlite3.DatabaseError) as error:
        raise BackupFailed(f"{file} can't be restored: {error}") from error


def _load_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        if (found := copy.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            raise sqlite3.DatabaseError(found[0])
        connection.ensure_connection()
        copy.backup(connection.connection)


def _dump_mariadb(file: Path) -> None:
    with gzip.open(file, "wb", compresslevel=1) as target, _client("mariadb-dump", *_DUMP_OPTIONS) as dump:
        shutil.copyfileobj(dump.stdout, target)  # type: ignore[arg-type]
    _check(dump)


def _load_mariadb(file: Path) -> None:
    with gzip.open(file) as source, _client("mariadb") as client, client.stdin:  # type: ignore[union-attr]
        shutil.copyfileobj(source, client.stdin)  # type: ignore[arg-type]
    _check(client)


def _client(program: str, *options: str) -> subprocess.Popen[bytes]:
    """Start a program of MariaDB as `manage.py dbshell` does: the password is in its environment."""
    command, secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, options)
    socket = connection.settings_dict["OPTIONS"].get("unix_socket")
    arguments = [*command[1:], *([f"--socket={socket}"] if socket else [])]
    environment = {**os.environ, **(secrets or {})}
    return subprocess.Popen([program, *arguments], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _check(program: subprocess.Popen[bytes]) -> None:
    if program.returncode:
        raise BackupFailed("The program of MariaDB failed; its message is above.")
