"""`make load`: a thousand open batch pages, two hundred runs, and customers who submit lists, on one machine.

python -m bench.load [--seconds 100] [--pages 1000] [--batches 200]
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from statistics import median, quantiles

import psutil

from bench import engine, figures
from bench.machine import stolen_seconds
from bench.numbers import Number
from bench.pages import cpu_seconds, inside
from bench.visitors import Browser, Log, regularly, submit, watch
from tests.processes import Process

#: What an image takes at OpenAI; the site asks pages to poll every six seconds then.
IMAGE_SECONDS = 12
#: As images differ: the runs that the bench starts together do not stay in step.
SPREAD = 0.3
SUBMITS_A_MINUTE = 20
PROMPTS = 20
#: Pages are opened over this time. Nothing is measured yet.
OPENING_SECONDS = 60
#: Then the requests that are still queued are answered. Nothing is measured yet.
SETTLING_SECONDS = 15
#: Before and after the measurement, with time to spare.
OTHER_SECONDS = OPENING_SECONDS + SETTLING_SECONDS + 45
MEBIBYTE = 2**20
#: Milliseconds of the 95th percentile.
TARGETS = {"page": 500, "poll": 500, "submit": 1_000, "image": None, "confirmation": None}


class Load:
    """A site with its runs, and the visitors who watch them."""

    def __init__(self, running: engine.Site, pages: int, batches: int, seconds: float) -> None:
        self.site, self.pages, self.seconds, self.log = running.stack, pages, seconds, Log()
        self.worker = self.site.start_worker("--concurrency", str(batches + 50))
        prompts = round((seconds + OTHER_SECONDS) / IMAGE_SECONDS) + 5
        self.watched = inside(self.site, f"running_batches({batches}, {prompts})")["pages"]
        submits = round(SUBMITS_A_MINUTE * (seconds + OTHER_SECONDS) / 60 * 2)
        self.submitters = inside(self.site, f"customers({submits})")["sessions"]
        self.rss: dict[str, list[float]] = {"web": [], "worker": []}

    async def run(self) -> None:
        port = self.site.web_port
        tasks = [asyncio.ensure_future(regularly(self._submit, 60 / SUBMITS_A_MINUTE))]
        for number in range(self.pages):
            page, session = self.watched[number % len(self.watched)]
            browser = Browser(port, session, self.log)
            tasks.append(asyncio.ensure_future(watch(browser, page, receives=number < len(self.watched))))
            await asyncio.sleep(OPENING_SECONDS / self.pages)
        await asyncio.sleep(SETTLING_SECONDS)
        self.log.forget()
        self._note_memory()
        ends_at = time.monotonic() + self.seconds
        while time.monotonic() < ends_at:
            await asyncio.sleep(self.seconds / 10)
            self._note_memory()
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _submit(self, number: int) -> None:
        prompts = [f"a watercolour of house number {n} in street {number}" for n in range(PROMPTS)]
        await submit(Browser(self.site.web_port, self.submitters[number], self.log), prompts)

    def _note_memory(self) -> None:
        for name, process in (("web", self.site.web), ("worker", self.worker)):
            self.rss[name].append(_memory_mib(process))

    def numbers(self) -> Iterator[Number]:
        for kind, target in TARGETS.items():
            seconds = self.log.seconds[kind]
            if len(seconds) < 2:
                yield Number(f"{kind}: requests", len(seconds), "", 2, at_least=True)
                continue
            remark = (
                f"{len(seconds)} in all, {len(seconds) / self.seconds:.1f}/s, median {1000 * median(seconds):.0f} ms"
            )
            yield Number(f"{kind}: 95th percentile", 1000 * quantiles(seconds, n=20)[-1], "ms", target, remark=remark)
        errors = ", ".join(f"{count} × {error}" for error, count in self.log.errors.items())
        yield Number("errors", self.log.errors.total(), "", 0, remark=errors)
        for name, rss in self.rss.items():
            third = len(rss) // 3
            growth = 100 * (median(rss[-third:]) / median(rss[:third]) - 1)
            remark = f"{median(rss[:third]):.0f} MiB at first, {median(rss[-third:]):.0f} MiB in the end"
            yield Number(f"memory of {name}: growth over the run", growth, "%", 10, remark=remark)


def _memory_mib(process: Process) -> float:
    """Return the memory of a process and its children without counting shared pages twice."""
    main, total = psutil.Process(process.pid), 0
    for each in (main, *main.children(recursive=True)):
        with suppress(psutil.Error):
            total += each.memory_full_info().pss
    return total / MEBIBYTE


def measure(pages: int, batches: int, seconds: float) -> Iterator[Number]:
    with engine.site("production", IMAGE_SECONDS, SPREAD) as running:
        running.stack.start_web()
        load = Load(running, pages, batches, seconds)
        servers = {"web": load.site.web.pid, "worker": load.worker.pid}
        before, stolen, began_at = _cpu_of(servers), stolen_seconds(), time.monotonic()
        asyncio.run(load.run())
        yield from load.numbers()
        span = time.monotonic() - began_at
        for name, used in _cpu_of(servers).items():
            yield Number(f"CPU of {name}", (used - before[name]) / span, "cores")
        yield Number("CPU time that the host gave to others", stolen_seconds() - stolen, "s")


def _cpu_of(servers: dict[str, int]) -> dict[str, float]:
    own = sum(psutil.Process().cpu_times()[:2])
    return {**{name: cpu_seconds(pid) for name, pid in servers.items()}, "the visitors": own}


def main(arguments: list[str]) -> int:
    """Return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="make load ARGS=")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--batches", type=int, default=200)
    options = parser.parse_args(arguments)
    numbers = []
    for number in measure(options.pages, options.batches, options.seconds):
        print(number.as_row(), flush=True)
        numbers.append(number)
    if not arguments:
        figures.write("load", figures.table(numbers))
    return int(any(number.is_met is False for number in numbers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
