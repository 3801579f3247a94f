"""Benchmarks of the API: reading a batch, submitting a long list, sending a gigabyte as one ZIP."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import requests

from bench.numbers import Number
from bench.pages import KINDS, PROMPTS, TIMES, inside, load
from tests.servers import Stack, stack

MEGABYTE = 1_000_000
IMAGES = 500
#: For wrk: one URL after the other.
_IN_TURN = """
local paths, count = {%s}, 0
request = function()
    count = count + 1
    return wrk.format("GET", paths[count %% #paths + 1])
end
"""


def programs() -> Iterator[Number]:
    """The most frequent requests of programs: reading a batch and submitting one."""
    for kind in KINDS:
        with stack(kind) as site:
            site.start_web()
            facts = inside(site, "program()")
            yield from _reads(site, facts)
            few, many = facts["queries"]
            remark = f"{many} in all"
            yield Number(f"{kind}: queries of 50 images beyond those of 1", many - few, "queries", 0, remark=remark)
            seconds = median(_post(site, facts["key"], number) for number in range(TIMES))
            yield Number(f"{kind}: POST of {PROMPTS} prompts", seconds, "s", 1, remark=f"median of {TIMES}")
            few, many = facts["submit_queries"]
            remark = f"{many} in all"
            yield Number(
                f"{kind}: queries of 1,000 prompts beyond those of 10",
                many - few,
                "queries",
                facts["inserts"],
                remark=remark,
            )


def _reads(site: Stack, facts: dict[str, Any]) -> Iterator[Number]:
    """Read batches of 50: each time another one, the same one, and the same one with its ETag."""
    one, key = facts["paths"][0], f"Authorization: Bearer {facts['key']}"
    script = site.directory / "in_turn.lua"
    script.write_text(_IN_TURN % ", ".join(f'"{path}"' for path in facts["paths"]))
    kinds = {
        "that has changed": load(site, one, key, options=("-s", str(script))),
        "that is as before": load(site, one, key),
        "that is as before, with its ETag": load(site, one, key, f"If-None-Match: {facts['etag']}"),
    }
    for name, (rate, cpu_ms) in kinds.items():
        remark = f"{cpu_ms:.2f} ms of the web server's CPU"
        yield Number(f"{site.kind}: GET of a batch of 50 {name}", rate, "requests/s", 150, True, remark)


def _post(site: Stack, key: str, number: int) -> float:
    prompts = [f"a watercolour of house number {n} in a row of {number}" for n in range(PROMPTS)]
    started_at = time.monotonic()
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.post(f"{site.url}/api/v1/batches", json={"prompts": prompts}, headers=headers, timeout=60)
    seconds = time.monotonic() - started_at
    assert answer.status_code == 201, answer.text
    return seconds


def streamed_zip() -> Iterator[Number]:
    """A ZIP of a gigabyte, and how much memory the web server needs for it."""
    with stack("embedded") as site:
        site.start_web()
        facts = inside(site, f"finished_batch({IMAGES}, {2 * MEGABYTE})")
        headers = {"Authorization": f"Bearer {facts['key']}"}
        requests.get(f"{site.url}/api/v1/account", headers=headers, timeout=60).raise_for_status()
        before = peak_bytes(site.web.pid, reset=True)
        started_at = time.monotonic()
        with requests.get(f"{site.url}{facts['zip_path']}", headers=headers, stream=True, timeout=60) as answer:
            size = sum(map(len, answer.iter_content(MEGABYTE)))
        seconds = time.monotonic() - started_at
        assert size == int(answer.headers["Content-Length"]) > IMAGES * 2 * MEGABYTE
        extra = (peak_bytes(site.web.pid) - before) / MEGABYTE
        yield Number("streamed ZIP of 1 GB: extra memory of the web server", extra, "MB", 50)
        yield Number("streamed ZIP of 1 GB", size / MEGABYTE / seconds, "MB/s")


def peak_bytes(pid: int, *, reset: bool = False) -> int:
    """Return the largest RSS of the web server's processes so far; `reset` starts again from the current one."""
    processes = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    for each in processes if reset else ():
        # https://docs.kernel.org/filesystems/proc.html: 5 sets the peak to what it is now.
        Path(f"/proc/{each}/clear_refs").write_text("5")
    lines = [line for each in processes for line in Path(f"/proc/{each}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
