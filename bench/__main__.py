"""`make bench`: measure, print a table and JSON, and store the JSON in `bench-results/`.

python -m bench [NAME …]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from shutil import which

from bench import admin, api, browser, engine, figures, pages, photos, text
from bench.machine import facts, loop_ms, stolen_seconds
from bench.numbers import Number
from tests.databases import missing
from tests.processes import ROOT

BENCHMARKS: dict[str, Callable[[], Iterable[Number]]] = {
    "overhead": engine.overhead,
    "side-by-side": engine.side_by_side,
    "sustained": engine.sustained,
    "idle": engine.idle,
    "recovery": engine.recovery,
    "poll": pages.poll,
    "submit": pages.submit,
    "api": api.programs,
    "api-zip": api.streamed_zip,
    "text": text.text,
    "photos": photos.uploads,
    "admin": admin.lists,
    "receive": browser.receive,
    "zip": browser.zip_of_500,
    "large-zip": browser.large_zip,
    "sheet": browser.sheet,
    "video": browser.video,
}
RESULTS = ROOT / "bench-results"
#: Programs that benchmarks call. The Debian packages have the same names.
PROGRAMS = ("wrk", "unzip", "chromium")


def speed(when: str) -> Number:
    """Measure the speed of the machine."""
    return Number(f"two million additions in Python, {when}", loop_ms(), "ms")


def measured(name: str) -> Iterator[Number]:
    """Run a benchmark, with the speed of the machine before and after it, and the CPU time taken by other guests."""
    yield speed(f"before {name}")
    stolen_before = stolen_seconds()
    yield from BENCHMARKS[name]()
    yield Number(f"CPU time that the host gave to others during {name}", stolen_seconds() - stolen_before, "s")
    yield speed(f"after {name}")


def missing_tools() -> list[str]:
    """Return what this machine lacks, each with how to get it."""
    programs = [f"there is no {name} (Debian: {name})" for name in PROGRAMS if not which(name)]
    return [*programs, *filter(None, map(missing, ("mariadb", "redis")))]


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, or all; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args(arguments).names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if lacking := missing_tools():
        parser.error("\n  ".join(["the benchmarks need more than this machine has:", *lacking]))
    report = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": facts()}
    numbers = []
    for name in names:
        for number in measured(name):
            print(number.as_row(), flush=True)
            numbers.append(number)
    if names == list(BENCHMARKS):
        figures.write("bench", figures.table(numbers))
    report["numbers"] = [number.as_json() for number in numbers]
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{'-'.join(names)[:60]}.json").write_text(text + "\n")
    return int(any(number.is_met is False for number in numbers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
