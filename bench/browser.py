"""Benchmarks of the browser: receiving and storing images, and making a ZIP of them, in Chromium."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import psutil

from bench.machine import stolen_seconds
from bench.numbers import Number
from bench.pages import inside
from bench.plain_chromium import Tab, plain_chromium
from tests.processes import wait_for
from tests.servers import stack

STORED = "document.querySelectorAll('li.tile[data-stored]').length"
DOWNLOAD = "document.querySelector('[data-zip-of=all]').click()"
#: In review, press `key` on the first tile and on those that get the focus; return the milliseconds until each next
#: frame is on the screen.
DECIDE = """(async (keys) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  document.querySelector("[data-review-toggle]").click();
  document.querySelector('li.tile [data-part="open"]').focus();
  await frame();
  const times = [];
  for (const key of keys) {
    const began = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await frame();
    times.push(performance.now() - began);
  }
  return times;
})"""
#: Show the undecided only, so that each decision removes a tile.
SHOW_UNDECIDED = """(() => {
  const filter = document.querySelector('[data-review] [data-part="filter"]');
  filter.value = "";
  filter.dispatchEvent(new Event("change"));
})()"""
MEGABYTE = 1_000_000
WAIT_SECONDS = 900


def receive() -> Iterator[Number]:
    """A thousand images of 1.75 MB fetched, checked, stored and confirmed."""
    with _received(1_000, 1_750_000) as (tab, seconds, memory, _downloads):
        yield Number("receiving 1,000 images of 1.75 MB", 1_000 / seconds, "images/s")
        yield Number("receiving 1,000 images, CPU of the whole browser", tab.cpu_seconds(), "s")
        yield Number("receiving 1,000 images, whole browser", memory.peak, "MB", 520)


def zip_of_500() -> Iterator[Number]:
    """A ZIP of 500 images of 2 MB, five times, because the host does not always give the same CPU time."""
    yield from _zip(500, 2 * MEGABYTE, times=5)


def large_zip() -> Iterator[Number]:
    """A ZIP of 1,000 images of 4.5 MB, which needs more than 32 bits for its size."""
    yield from _zip(1_000, 4_500_000, times=1)


def video() -> Iterator[Number]:
    """A video of 100 MB fetched, checked, stored and confirmed, beside one of 1 MB."""
    peaks = []
    for size in (MEGABYTE, 100 * MEGABYTE):
        with _open_batch(f"finished_video({size})", 1) as (_tab, seconds, memory, _downloads):
            peaks.append(memory.peak)
    yield Number("receiving a video of 100 MB", seconds, "s")
    remark = f"{peaks[0]:.0f} MB with a video of 1 MB"
    yield Number(
        "receiving a video of 100 MB, more in the whole browser", peaks[1] - peaks[0], "MB", 300, remark=remark
    )


def sheet() -> Iterator[Number]:
    """Deciding on a contact sheet of a thousand images by keys, from the key to the next frame."""
    with _received(1_000, 1_750_000) as (tab, _seconds, _memory, _downloads):
        for what, keys in (("P and X", ["p", "x"]), ("arrows", ["ArrowDown", "ArrowRight"])):
            yield _slowest(f"contact sheet of 1,000: {what}", tab.evaluate(f"{DECIDE}({keys * 50})"))
            tab.evaluate("document.querySelector('[data-review-toggle]').click()")
        tab.evaluate(SHOW_UNDECIDED)
        yield _slowest("contact sheet of 1,000: P, undecided only", tab.evaluate(f"{DECIDE}({['p'] * 50})"))


def _slowest(name: str, times: list[float]) -> Number:
    remark = f"the slowest of {len(times)} keys; median {median(times):.1f} ms"
    return Number(name, max(times), "ms", 60, remark=remark)


def _zip(count: int, size: int, times: int) -> Iterator[Number]:
    what, total = f"ZIP of {count} × {size / MEGABYTE:g} MB", count * size / MEGABYTE
    rates, cpu_rates, wrong, stolen = [], [], 0, []
    with _received(count, size) as (tab, _seconds, memory, downloads):
        memory.peak = 0
        wrong += not _is_valid(_download(tab, downloads))
        # Measuring memory takes a tenth of a core, so the others are timed without it.
        memory.stop()
        for _ in range(times):
            cpu_before, stolen_before, started_at = tab.cpu_seconds(), stolen_seconds(), time.monotonic()
            path = _download(tab, downloads)
            rates.append(total / (time.monotonic() - started_at))
            stolen.append(stolen_seconds() - stolen_before)
            cpu_rates.append(total / (tab.cpu_seconds() - cpu_before))
            wrong += not _is_valid(path)
    each = ", ".join(f"{rate:.0f} ({taken:.1f} s)" for rate, taken in zip(rates, stolen, strict=True))
    remark = f"median of {times}: {each} of CPU given to others by the host"
    yield Number(f"{what}: from the click to the file", median(rates), "MB/s", 100, at_least=True, remark=remark)
    yield Number(f"{what}: the same by the browser's CPU alone", median(cpu_rates), "MB/s")
    yield Number(f"{what}: whole browser", memory.peak, "MB", 600)
    yield Number(f"{what}: files that `unzip -t` finds wrong", wrong, "", 0)


def _download(tab: Tab, downloads: Path) -> Path:
    tab.evaluate(DOWNLOAD)
    return wait_for(lambda: next(downloads.glob("*.zip"), None), WAIT_SECONDS, what="the ZIP")


def _is_valid(path: Path) -> bool:
    """Return whether `unzip` accepts the ZIP, and delete it."""
    output = subprocess.run(["unzip", "-tq", str(path)], stdout=subprocess.DEVNULL)
    path.unlink()
    return output.returncode == 0


@contextmanager
def _received(count: int, size: int) -> Iterator[tuple[Tab, float, "Memory", Path]]:
    """Open the page of a finished batch of images and wait until the browser has received them."""
    with _open_batch(f"finished_batch({count}, {size})", count) as received:
        yield received


@contextmanager
def _open_batch(made: str, count: int) -> Iterator[tuple[Tab, float, "Memory", Path]]:
    """Open the page of the batch that a call of `bench.inside` makes, and wait until the browser has received it."""
    # Chromium's helpers end a moment after it, and may still write to the profile.
    folder = tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True)
    with stack("embedded") as site, folder as directory:
        site.start_web()
        facts = inside(site, made)
        downloads = Path(directory, "downloads")
        with plain_chromium(Path(directory, "profile")) as tab, Memory(tab) as memory:
            started_at = time.monotonic()
            tab.open(f"{site.url}{facts['path']}", facts["session"], downloads)
            wait_for(lambda: tab.evaluate(STORED) == count, WAIT_SECONDS, every=1, what="all images stored")
            yield tab, time.monotonic() - started_at, memory, downloads


class Memory:
    """Measures the peak memory of all processes of the browser (PSS, in MB)."""

    def __init__(self, tab: Tab) -> None:
        self.peak = 0.0
        self._tab = tab
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop measuring."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak = max(self.peak, sum(map(_pss, self._tab.processes())) / MEGABYTE)


def _pss(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
