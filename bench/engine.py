"""Benchmarks of the engine: its overhead per call, parallel batches, and recovery after a crash."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench.numbers import Number
from bench.upstream import upstream
from tests.processes import ROOT, Process, wait_for
from tests.servers import Kind, Stack, stack

KINDS: tuple[Kind, ...] = ("embedded", "production")
TIMES = 3
MEBIBYTE = 2**20
SHARED_CORES = "upstream, database and broker share the cores"


@dataclass
class Site:
    """A running site with the cheap upstream."""

    stack: Stack
    upstream_url: str

    def submit(self, title: str, batches: int, prompts: int) -> None:
        """Submit batches of one user with the same title."""
        lists = [[f"{title} {b} {p}" for p in range(prompts)] for b in range(batches)]
        self.stack.python(f"from tests.engine.acts import *\nsubmit('alice@example.org', {title!r}, {lists!r})")

    def seconds(self, title: str, timeout: float) -> float:
        """Wait until all batches with that title end; return the time from the first start to the last end."""
        where = f"FROM batches_batch WHERE title = '{title}'"
        unfinished = f"SELECT COUNT(*) {where} AND finished_at IS NULL"
        wait_for(lambda: self.stack.query(unfinished)[0][0] == 0, timeout, every=0.5, what=title)
        if self.stack.kind == "embedded":
            span = "(julianday(MAX(finished_at)) - julianday(MIN(started_at))) * 86400"
        else:
            span = "TIMESTAMPDIFF(MICROSECOND, MIN(started_at), MAX(finished_at)) / 1000000"
        return float(self.stack.query(f"SELECT {span} {where}")[0][0])


@contextmanager
def site(kind: Kind, delay_seconds: float, spread: float = 0) -> Iterator[Site]:
    """Run a site with the cheap upstream, without a worker."""
    with stack(kind) as running, upstream(running.directory, delay_seconds, spread) as url:
        running.environment["OPENAI_BASE_URL"] = url
        yield Site(running, url)


def overhead() -> Iterator[Number]:
    """One batch, compared with a bare loop of the same calls."""
    for kind in KINDS:
        for delay_seconds, count, target in ((0.2, 50, 1.10), (2.0, 10, 1.02)):
            with site(kind, delay_seconds) as running:
                running.stack.start_worker()
                yield from _overhead(running, delay_seconds, count, target)


def _overhead(running: Site, delay_seconds: float, count: int, target: float) -> Iterator[Number]:
    bare, ours = [], []
    for number in range(TIMES):
        bare.append(_bare_loop(running, count))
        running.submit(f"run {number}", batches=1, prompts=count)
        ours.append(running.seconds(f"run {number}", timeout=20 * count * delay_seconds + 60))
    what = f"{running.stack.kind}: one batch of {count} at {delay_seconds:g} s"
    per_image = 1000 * (median(ours) / count - delay_seconds)
    remark = f"median of {TIMES}; {median(ours):.2f} s, bare loop {median(bare):.2f} s"
    yield Number(f"{what}, times the bare loop", median(ours) / median(bare), "×", target, remark=remark)
    yield Number(
        f"{what}, time between two calls",
        per_image,
        "ms",
        remark=f"bare loop {1000 * (median(bare) / count - delay_seconds):.1f} ms",
    )


def _bare_loop(running: Site, count: int) -> float:
    folder = running.stack.directory / "bare"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "bench.bare_loop", running.upstream_url, str(count), str(folder)]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def side_by_side(batches: int = 200, prompts: int = 16, delay_seconds: float = 20) -> Iterator[Number]:
    """Many batches in one worker process; starting all at the same time is the worst case."""
    with site("production", delay_seconds) as running:
        worker, started = _started_worker(running, "--concurrency", str(batches))
        running.submit("many", batches, prompts)
        seconds = running.seconds("many", timeout=4 * prompts * delay_seconds + 120)
        cpu = (_cpu_seconds(worker.pid) - started) / batches / prompts
        what = f"{batches} batches of {prompts} at {delay_seconds:g} s"
        yield Number(f"{what}, part of the ideal", prompts * delay_seconds / seconds, "", 0.95, at_least=True)
        yield Number(f"{what}, largest RSS of the worker", _peak_rss(worker.pid) / MEBIBYTE, "MiB", 400)
        yield Number(f"{what}, CPU of the worker", 1000 * cpu, "ms/image")


def sustained(batches: int = 100, prompts: int = 15, delay_seconds: float = 0.5) -> Iterator[Number]:
    """As many images as one worker process can make."""
    for kind in KINDS:
        with site(kind, delay_seconds) as running:
            worker, started = _started_worker(running)
            running.submit("fast", batches, prompts)
            images = batches * prompts
            rate = images / running.seconds("fast", timeout=300)
            cpu = (_cpu_seconds(worker.pid) - started) / images
            yield Number(
                f"{kind}: images of one worker process", rate, "images/s", 12, at_least=True, remark=SHARED_CORES
            )
            yield Number(f"{kind}: its CPU", 1000 * cpu, "ms/image", remark="of the worker's own process")
            yield Number(f"{kind}: its CPU until its first image is ready", started, "s")


def _started_worker(running: Site, *options: str) -> tuple[Process, float]:
    """Start a worker; return it and its CPU seconds after its first image."""
    worker = running.stack.start_worker(*options)
    running.submit("first", batches=1, prompts=1)
    running.seconds("first", timeout=120)
    return worker, _cpu_seconds(worker.pid)


def idle(seconds: float = 20) -> Iterator[Number]:
    """The CPU time of a worker without work."""
    for kind in KINDS:
        with site(kind, 1) as running:
            worker = running.stack.start_worker()
            wait_for(lambda: running.stack.query("SELECT 1"))
            time.sleep(5)
            before = _cpu_seconds(worker.pid)
            time.sleep(seconds)
            yield Number(
                f"{kind}: CPU of an idle worker", (_cpu_seconds(worker.pid) - before) / seconds * 100, "% of a core", 3
            )


def recovery() -> Iterator[Number]:
    """The time from the kill -9 of a worker to the next call for its batch."""
    for kind in KINDS:
        with site(kind, 5) as running:
            running.submit("crash", batches=1, prompts=2)
            worker = running.stack.start_worker()
            _wait_for_calls(running.stack, 1)
            worker.kill9()
            killed_at = time.monotonic()
            running.stack.start_worker()
            _wait_for_calls(running.stack, 2)
            yield Number(f"{kind}: rest after kill -9", time.monotonic() - killed_at, "s", 30)


def _wait_for_calls(site: Stack, count: int) -> None:
    calls = "SELECT SUM(attempt_count) FROM batches_prompt"
    wait_for(lambda: site.query(calls)[0][0] == count, 60)


def _cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _peak_rss(pid: int) -> int:
    """Return the largest RSS of the process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
