"""`make test`: every test, in stages that need different servers, which end with it.

python -m tests.run [pytest's arguments]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import prepared
from tests.databases import mariadb, missing
from tests.processes import ROOT

NO_TESTS = 5


@dataclass(frozen=True)
class Stage:
    """One run of pytest: which tests, on what, and what the machine must have."""

    title: str
    markers: str
    needs: tuple[str, ...] = ()
    on_mariadb: bool = False
    options: tuple[str, ...] = ()
    #: Where its tests are; nothing: everywhere. Each process of pytest reads every file that may have some.
    paths: tuple[str, ...] = ()
    #: Added to the niceness of its processes.
    niceness: int = 0


UNIT = "not engine and not browser"
UNIT_PROCESSES = 2
# A process that has finished takes tests from the others, in one piece: so each starts few sites.
SIDE_BY_SIDE = "--dist=worksteal"
# In pytest-django's order: tests that empty the tables, and with them the rows that migrations wrote, come last.
UNIT_OPTIONS = (f"-n{UNIT_PROCESSES}", "--ignore=tests/engine", "--ignore=tests/browser")
WITHOUT_DATABASE = (
    "--ignore=clients",
    "--ignore=lib",
    "--ignore=sandbox",
    "--ignore=tests/deploy",
    # It imports schemathesis, which is slow.
    "--ignore=imagesinbulk/tests/test_any_request.py",
)
ENGINE_PATHS = ("tests/engine", "billing/tests/stripe", "operations/tests/test_run_site.py")
BROWSER_PATHS = ("tests/browser", "sandbox/tests/stripe/test_in_chromium.py")
# Unit tests don't watch the clock. They take the time that the other stages leave while they wait.
UNIT_NICENESS = 10
#: Each is run after the one before it, beside the others.
LANES = (
    (
        Stage(
            "Unit tests on SQLite",
            f"{UNIT} and not mariadb and not redis",
            options=UNIT_OPTIONS,
            niceness=UNIT_NICENESS,
        ),
        Stage(
            "The same on MariaDB and Redis",
            UNIT,
            ("mariadb", "redis"),
            on_mariadb=True,
            options=(*UNIT_OPTIONS, "--only-database", *WITHOUT_DATABASE),
            niceness=UNIT_NICENESS,
        ),
    ),
    # These mostly wait, so there are more of them than cores.
    (Stage("Engine: real workers, killed and restarted", "engine", options=("-n3", SIDE_BY_SIDE), paths=ENGINE_PATHS),),
    (
        Stage(
            "Browser: the whole job in Chromium",
            "browser",
            ("browser",),
            options=("-n2", SIDE_BY_SIDE),
            paths=BROWSER_PATHS,
        ),
    ),
)


def main(arguments: list[str]) -> int:
    """Run all stages, also after a failed one, and return 0 only if each passed."""
    # Its processes start Python some hundred times. Without .pyc files each would compile all our modules.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True) as directory:
        os.environ[prepared.SHARED_FOLDER] = directory
        with ThreadPoolExecutor() as lanes:
            results = lanes.map(lambda lane: [stage.title for stage in lane if not _passes(stage, arguments)], LANES)
            failed = [title for titles in results for title in titles]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll stages passed.")
    return 1 if failed else 0


def _passes(stage: Stage, arguments: list[str]) -> bool:
    """Run a stage and print its whole output when it ends: several stages run at the same time."""
    if reasons := [reason for need in stage.needs if (reason := missing(need))]:
        is_ci = os.environ.get("CI") == "true"
        print(f"\n=== {stage.title}: {'failed' if is_ci else 'skipped'}: {'; '.join(reasons)}", flush=True)
        return not is_ci
    print(f"=== {stage.title} …", flush=True)
    started_at = time.monotonic()
    with _environment(stage) as environment:
        command = ["nice", f"-n{stage.niceness}", sys.executable, "-m", "pytest", "-m", stage.markers]
        command += [*stage.options, *(arguments or stage.paths)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    print(f"\n=== {stage.title}: {time.monotonic() - started_at:.0f} s\n{done.stdout}", flush=True)
    # With arguments of one's own (a file, -k) it is normal that a stage has nothing to run.
    return done.returncode == 0 or (done.returncode == NO_TESTS and bool(arguments))


@contextmanager
def _environment(stage: Stage) -> Iterator[dict[str, str]]:
    with ExitStack() as cleanup:
        directory = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True)))
        # Set, so that a `.env` file of the checkout changes nothing here.
        environment = {**os.environ, "VAR_DIR": str(directory), "OPENAI_API_KEY": "", "EMAIL_URL": "", "CACHE_URL": ""}
        environment["STRIPE_SECRET_KEY"] = ""
        environment["DATABASE_URL"] = f"sqlite:///{directory / 'db.sqlite3'}"
        environment["BROKER_URL"] = "memory://embedded"
        if stage.on_mariadb:
            server = cleanup.enter_context(mariadb(directory, prepared.mariadb_data()))
            environment["DATABASE_URL"] = server.url(prepared.DATABASE)
            server.dump(prepared.DATABASE, empty := directory / "empty.sql")
            for number in range(UNIT_PROCESSES):
                # As pytest-django names what pytest-xdist's processes are to reuse.
                server.create(name := f"test_{prepared.DATABASE}_gw{number}")
                server.load(name, empty)
        yield environment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
