"""Throw-away MariaDB and Redis servers on a socket and a free port, in folders of their own."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import HOST, free_port
from tests.processes import Process

COLLATION = "utf8mb4_uca1400_nopad_as_ci"
#: The folder of a server's data, inside its directory.
MARIADB_DATA = "mariadb"
MARIADB_OPTIONS = [
    "--skip-networking",
    "--skip-log-bin",
    # Written at each commit, so that a kill loses nothing, but not forced to the disk.
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=16M",
    "--max-connections=500",
    "--character-set-server=utf8mb4",
    f"--collation-server={COLLATION}",
]


def missing(need: str) -> str:
    """Return what this machine lacks for `need` ("mariadb", "redis" or "browser"), or nothing."""
    if need == "mariadb" and not shutil.which("mariadbd", path=_search_path()):
        return "there is no mariadbd (Debian: mariadb-server)"
    if need == "mariadb" and not importlib.util.find_spec("MySQLdb"):
        return "mysqlclient is not installed (Debian: libmariadb-dev pkg-config build-essential, then make test)"
    if need == "redis" and not shutil.which("redis-server"):
        return "there is no redis-server (Debian: redis-server)"
    if need == "browser" and not chromium():
        return "there is no Chromium (Debian: chromium-headless-shell)"
    return ""


def chromium(*, whole: bool = False) -> str | None:
    """Return the path of the machine's Chromium; with `whole`, of the program that customers use.

    Otherwise the headless shell is preferred: it draws no window around a page, and needs a fifth of the CPU time.
    """
    shell = () if whole else ("chromium-headless-shell",)
    return next(filter(None, map(shutil.which, (*shell, "chromium", "chromium-browser", "google-chrome"))), None)


def _search_path() -> str:
    # Debian keeps servers out of an ordinary user's PATH.
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


@dataclass
class MariaDB:
    """A running server; its only user is the one who started it, who needs no password."""

    process: Process
    socket: Path

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of `database`."""
        return f"mysql://root@localhost/{database}?unix_socket={self.socket}"

    def run(self, statement: str) -> None:
        """Run one SQL statement."""
        subprocess.run([*self._client("mariadb"), f"--execute={statement}"], check=True, capture_output=True)

    def dump(self, database: str, file: Path) -> None:
        """Write tables and rows of `database` to `file`."""
        with file.open("wb") as output:
            subprocess.run([*self._client("mariadb-dump"), database], check=True, stdout=output)

    def load(self, database: str, file: Path) -> None:
        """Fill `database` with what `dump` wrote."""
        with file.open("rb") as source:
            subprocess.run([*self._client("mariadb"), database], check=True, stdin=source)

    def _client(self, program: str) -> list[str]:
        return [program, "--no-defaults", f"--socket={self.socket}", "--user=root"]

    def create(self, database: str) -> str:
        """Create an empty `database` and return its DATABASE_URL."""
        self.run(f"CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE {COLLATION}")
        return self.url(database)

    def start(self) -> None:
        """Start, also after a kill, and wait until it takes connections."""
        self.process.start().wait_until(self._is_up)

    def _is_up(self) -> bool:
        return subprocess.run([*self._client("mariadb-admin"), "ping"], capture_output=True).returncode == 0


@contextmanager
def mariadb(directory: Path, data: Path | None = None) -> Iterator[MariaDB]:
    """Run a MariaDB in `directory` (a short path: socket names are limited to 107 bytes).

    It starts with a copy of the folder `data`, which a stopped server left, or else with no database.
    """
    # A server that starts removes every server's temporary tables from the folder for these, so each has its own.
    temporary = directory / "mariadb-tmp"
    temporary.mkdir()
    environment = {**os.environ, "PATH": _search_path(), "TMPDIR": str(temporary)}
    as_root = ["--user=root"] if os.getuid() == 0 else []
    folder, socket = directory / MARIADB_DATA, directory / "mariadb.sock"
    options = ["--no-defaults", f"--datadir={folder}", *as_root]
    if data:
        shutil.copytree(data, folder)
    else:
        install = ["mariadb-install-db", *options, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run([*install, "--skip-name-resolve"], check=True, capture_output=True, env=environment)
    # The pid file must be named: without it the server looks for one in the system's folder.
    command = ["mariadbd", *options, f"--socket={socket}", f"--pid-file={directory / 'mariadb.pid'}", *MARIADB_OPTIONS]
    server = MariaDB(Process("mariadb", command, environment, directory / "mariadb.log"), socket)
    try:
        server.start()
        yield server
    finally:
        server.process.stop()


@dataclass
class Redis:
    """A running server that keeps its data over a restart, as in production."""

    process: Process
    port: int

    def url(self, database: int = 0) -> str:
        """Return the URL of one of its numbered databases."""
        return f"redis://{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Start, also after a kill, and wait until it answers."""
        self.process.start().wait_until(self._is_up)

    def flush(self) -> None:
        """Make it forget everything, in all its databases."""
        command = ["redis-cli", "-h", HOST, "-p", str(self.port), "FLUSHALL"]
        subprocess.run(command, check=True, capture_output=True)

    def _is_up(self) -> bool:
        ping = ["redis-cli", "-h", HOST, "-p", str(self.port), "ping"]
        return subprocess.run(ping, capture_output=True, text=True).stdout.strip() == "PONG"


@contextmanager
def redis(directory: Path) -> Iterator[Redis]:
    """Run a Redis with its data in `directory`."""
    port = free_port()
    options = ["--bind", HOST, "--port", str(port), "--dir", str(directory), "--appendonly", "yes", "--save", ""]
    process = Process("redis", ["redis-server", *options], dict(os.environ), directory / "redis.log")
    server = Redis(process, port)
    try:
        server.start()
        yield server
    finally:
        server.process.stop()
