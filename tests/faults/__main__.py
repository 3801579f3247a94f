"""`make faults`: run all scenarios, or those named, on MariaDB and Redis, and print a table.

python -m tests.faults [--short] [SCENARIO …]
"""

import argparse
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import figures
from tests.databases import missing
from tests.faults import scenarios
from tests.faults.hostile import hostile_upstream
from tests.faults.verdict import HEAD, Verdict
from tests.servers import Stack, stack

DISK_MB = 768


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system, if that is allowed here, so that it can be filled."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    is_mounted = not subprocess.run(mount, capture_output=True).returncode
    yield
    if is_mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def site_on_small_disk() -> Iterator[Stack]:
    with stack("production") as site:
        folder = site.directory / "disk"
        with small_disk(folder):
            site.environment["MEDIA_ROOT"] = str(folder / "media")
            (folder / "media").mkdir()
            site.start("sandbox", "web")
            yield site


def main(arguments: list[str]) -> int:
    """Return 1 if anything was lost, made or charged twice."""
    parser = argparse.ArgumentParser(prog="make faults ARGS=")
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help=", ".join(scenarios.SCENARIOS))
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args(arguments)
    names = options.names or scenarios.names(short=options.short)
    if unknown := set(names) - set(scenarios.SCENARIOS):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(scenarios.SCENARIOS)}")
    if lacking := [*filter(None, map(missing, ("mariadb", "redis")))]:
        parser.error("; ".join(lacking))
    # The object storage runs in this process.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    verdicts: list[Verdict] = []
    print(HEAD)
    with hostile_upstream() as upstream, site_on_small_disk() as site:
        for name in names:
            verdicts.append(scenarios.run(name, site, upstream, short=options.short))
            print(verdicts[-1].as_row(), flush=True)
    if not arguments:
        figures.write("faults", "\n".join([HEAD, *(verdict.as_row() for verdict in verdicts)]))
    return int(any(verdict.faults for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
