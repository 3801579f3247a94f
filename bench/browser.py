"""The browser's numbers: images received and kept, and a ZIP of them, in a real Chromium."""

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from bench.numbers import Number
from tests.browser.chromium import launch
from tests.servers import stack

KEPT = "li.tile[data-kept]"
MEGABYTE = 1_000_000
WAIT_MS = 900_000


def receive() -> Iterator[Number]:
    """A thousand images of 1.5 MB fetched, checked, stored and confirmed."""
    with _received(1_000, 1_500_000) as (_page, seconds, memory):
        yield Number("receiving 1,000 images of 1.5 MB", 1_000 / seconds, "images/s")
        yield Number("receiving 1,000 images, whole browser", memory.peak, "MB", 520)


def zip_of_500() -> Iterator[Number]:
    """The ZIP of 500 images of 2 MB."""
    yield from _zip(500, 2 * MEGABYTE)


def large_zip() -> Iterator[Number]:
    """The ZIP of 1,000 images of 4.5 MB: beyond what 32 bits can count."""
    yield from _zip(1_000, 4_500_000)


def _zip(count: int, size: int) -> Iterator[Number]:
    what = f"ZIP of {count} × {size / MEGABYTE:g} MB"
    with _received(count, size) as (page, _seconds, memory):
        memory.peak = 0
        started_at = time.monotonic()
        with page.expect_download(timeout=WAIT_MS) as download:
            page.locator('[data-zip-of="all"]').click()
        path = download.value.path()
        seconds = time.monotonic() - started_at
        yield Number(
            f"{what}: from the click to the file", count * size / MEGABYTE / seconds, "MB/s", 100, at_least=True
        )
        yield Number(f"{what}: whole browser", memory.peak, "MB", 600)
        test = subprocess.run(["unzip", "-tq", str(path)], capture_output=True, text=True)
        yield Number(f"{what}: `unzip -t` says", test.returncode, "", 0, remark=test.stdout[:36])


@contextmanager
def _received(count: int, size: int) -> Iterator[tuple[Page, float, "Memory"]]:
    """Open the page of a finished batch and wait until the browser has all of it."""
    with (
        stack("embedded") as site,
        tempfile.TemporaryDirectory(prefix="iib-") as profile,
        sync_playwright() as playwright,
    ):
        site.start_web()
        facts = _inside(site, f"finished_batch({count}, {size})")
        context = launch(playwright, Path(profile))
        context.add_cookies([{"name": "sessionid", "value": facts["session"], "url": site.url}])
        page = context.pages[0]
        with Memory() as memory:
            started_at = time.monotonic()
            page.goto(f"{site.url}{facts['path']}")
            expect(page.locator(KEPT)).to_have_count(count, timeout=WAIT_MS)
            yield page, time.monotonic() - started_at, memory
        context.close()


class Memory:
    """Watches how much memory all processes of the browser have together (PSS, in MB)."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak = max(self.peak, sum(map(_pss, psutil.Process().children(recursive=True))) / MEGABYTE)


def _pss(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        if "chrom" in process.name():
            return int(process.memory_full_info().pss)
    return 0


def _inside(site: Any, call: str) -> dict[str, Any]:
    said = site.python(f"from bench.inside import *\nimport json\nprint(json.dumps({call}))")
    return dict(json.loads(said.splitlines()[-1]))
