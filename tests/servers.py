"""The whole site as real processes, for the engine's tests, the browser's, benchmarks and screenshots.

with stack("production") as site:
    site.start("sandbox", "worker", "web")
    site.manage("create_user", "alice@example.org")
    site.worker.kill9()
    wait_for(lambda: site.query("SELECT COUNT(*) FROM batches_prompt WHERE status = 'ready'")[0][0] == 3)
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from django.utils.functional import cached_property

from operations.processes import MANAGE, sandbox_command, web_command, worker_command
from tests import prepared
from tests.databases import MariaDB, Redis, chromium, mariadb, missing, redis
from tests.inside import Inside
from tests.ports import HOST, free_port
from tests.processes import ROOT, Process, answers, wait_for

__all__ = ["Process", "Stack", "chromium", "free_port", "mariadb", "missing", "redis", "stack", "wait_for"]

Kind = Literal["embedded", "production"]


@dataclass
class Stack:
    """One site in a folder of its own: its environment, its servers and its processes.

    `database` and `broker` are the servers of a production stack, None in an embedded one.
    """

    kind: Kind
    directory: Path
    environment: dict[str, str]
    web_port: int
    sandbox_port: int
    database: MariaDB | None = None
    broker: Redis | None = None
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the site's address, without a slash at the end."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        """Return the sandbox's address, without a slash at the end."""
        return f"http://{HOST}:{self.sandbox_port}"

    @property
    def sandbox(self) -> Process:
        """Return the sandbox's process."""
        return self.processes["sandbox"]

    @property
    def web(self) -> Process:
        """Return the web server's process."""
        return self.processes["web"]

    @property
    def worker(self) -> Process:
        """Return the (first) worker's process."""
        return self.processes["worker"]

    def start(self, *names: str, **environment: str) -> None:
        """Start "sandbox", "web" or "worker" in this order, with additions to their environment."""
        for name in names:
            getattr(self, f"start_{name}")(**environment)

    def start_sandbox(self, **environment: str) -> Process:
        """Start the stand-in for the upstream and wait until it answers."""
        process = self._start("sandbox", sandbox_command(self.sandbox_port), environment)
        return process.wait_until(lambda: answers(self.sandbox_url))

    def start_web(self, **environment: str) -> Process:
        """Start the web server and wait until it answers."""
        return self._start("web", web_command(self.web_port), environment).wait_until(lambda: answers(self.url))

    def start_worker(self, *options: str, name: str = "worker", folder: Path = ROOT, **environment: str) -> Process:
        """Start a worker with the `options` of `run_worker`; each further one needs a `name` of its own."""
        return self._start(name, worker_command(*options), environment, folder)

    def _start(self, name: str, command: list[str], environment: dict[str, str], folder: Path = ROOT) -> Process:
        process = Process(name, command, {**self.environment, **environment}, self.directory / f"{name}.log", folder)
        self.processes[name] = process
        return process.start()

    @cached_property
    def inside(self) -> Inside:
        """A process of the site that runs calls of `tests.engine.acts`; started when first used."""
        return Inside(self.environment, self.directory / "inside.log")

    def manage(self, *arguments: str) -> str:
        """Run a management command in the process inside and return what it printed; a failure raises."""
        return self.inside.run(f"manage(*{arguments!r})")

    def run_command(self, *arguments: str) -> str:
        """Run a management command in a process of its own, as an operator does; a failure raises with its output."""
        return self._run([*MANAGE, *arguments])

    def python(self, code: str) -> str:
        """Run Python `code` in this site, with Django set up, and return what it printed."""
        return self._run([sys.executable, "-c", f"import django\ndjango.setup()\n{code}"])

    def _run(self, command: list[str]) -> str:
        result = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"{command} failed with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result.stdout

    def session_of(self, email: str, is_recent: bool = False) -> str:
        """Return the session cookie's value of a new session of the user with that address."""
        return self.inside.run(f"session_of({email!r}, {is_recent})")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT, read without the site's own processes."""
        with closing(self._connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _connect(self) -> Any:
        if self.database is None:
            return sqlite3.connect(self.directory / "db.sqlite3", timeout=20)
        import MySQLdb

        return MySQLdb.connect(unix_socket=str(self.database.socket), user="root", database=prepared.DATABASE)

    @contextmanager
    def beside(self, **environment: str) -> Iterator["Stack"]:
        """Give another site on the same servers and folders, with changes to its environment and a port of its own."""
        other = replace(self, environment={**self.environment, **environment}, web_port=free_port(), processes={})
        other.environment["SITE_URL"] = environment.get("SITE_URL", other.url)
        try:
            yield other
        finally:
            other.stop()

    def revive_servers(self) -> None:
        """Start the database and the broker again if a test has killed them."""
        for server in (self.database, self.broker):
            if server is not None and not server.process.is_running():
                server.start()

    def logs(self) -> str:
        """Return the end of each process's log, to print with a failure."""
        return "\n".join(f"--- {name}\n{process.tail()}" for name, process in self.processes.items())

    def stop(self) -> None:
        """Stop the processes, those first that need the others."""
        if "inside" in vars(self):
            self.inside.stop()
        for process in sorted(self.processes.values(), key=lambda process: process.name == "sandbox"):
            process.stop()


@contextmanager
def stack(kind: Kind, **environment: str) -> Iterator[Stack]:
    """Prepare a site with a migrated database in a temporary folder; all that it starts is stopped at the end.

    "embedded" is SQLite with the broker inside the worker, "production" MariaDB and Redis.
    """
    with ExitStack() as cleanup:
        # MariaDB's socket is in it: the path must stay short, so pytest's own tmp_path will not do.
        directory = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True)))
        site = _new_stack(kind, directory)
        if kind == "production":
            _add_servers(site, cleanup)
        else:
            shutil.copy(prepared.sqlite_database(), directory / "db.sqlite3")
        site.environment |= environment
        cleanup.callback(site.stop)
        yield site


def _new_stack(kind: Kind, directory: Path) -> Stack:
    site = Stack(kind, directory, {}, free_port(), free_port())
    site.environment = {
        **os.environ,
        # Each is set, so that a `.env` file of the checkout changes nothing here.
        "DJANGO_SETTINGS_MODULE": "imagesinbulk.settings",
        "DEBUG": "False",
        "SECRET_KEY": "of-a-throw-away-site-that-ends-with-its-test",
        "VAR_DIR": str(directory),
        "STATIC_ROOT": str(prepared.static_files()),
        "MEDIA_ROOT": str(directory / "media"),
        "MAIL_DIR": str(directory / "mail"),
        "DATABASE_URL": f"sqlite:///{directory / 'db.sqlite3'}",
        "CACHE_URL": "",
        "BROKER_URL": "memory://embedded",
        "SITE_URL": site.url,
        "SANDBOX_URL": site.sandbox_url,
        "OPENAI_API_KEY": "",
        "OPENAI_BASE_URL": f"{site.sandbox_url}/v1",
        "OPENAI_IMAGES_PER_MINUTE": "0",
        "REPLICATE_API_TOKEN": "",
        "REPLICATE_BASE_URL": f"{site.sandbox_url}/v1",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_API_HOST": site.sandbox_url,
        "EMAIL_URL": "",
        "GOOGLE_CLIENT_ID": "",
        "MICROSOFT_CLIENT_ID": "",
        "PYTHONUNBUFFERED": "1",
        "WEB_CONCURRENCY": "1",
    }
    return site


def _add_servers(site: Stack, cleanup: ExitStack) -> None:
    site.database = cleanup.enter_context(mariadb(site.directory, prepared.mariadb_data()))
    site.broker = cleanup.enter_context(redis(site.directory))
    site.environment["DATABASE_URL"] = site.database.url(prepared.DATABASE)
    site.environment["BROKER_URL"] = site.broker.url(0)
    site.environment["CACHE_URL"] = site.broker.url(1)
    site.environment["WEB_CONCURRENCY"] = "2"
