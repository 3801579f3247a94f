"""Benchmarks of the pages: the poll of open tabs, submitting a long list, showing one."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import psutil
import requests

from bench.numbers import Number
from tests.servers import Kind, Stack, stack

KINDS: tuple[Kind, ...] = ("embedded", "production")
ALICE = "alice@example.org"
PROMPTS = 1_000
TIMES = 5
WRK_SECONDS = 8


def poll() -> Iterator[Number]:
    """Polls without news, as many as two cores can answer, including wrk's own use of them."""
    for kind in KINDS:
        with stack(kind) as site:
            site.start_web()
            facts = inside(site, "poll()")
            rate, cpu_ms = load(site, facts["path"], f"Cookie: sessionid={facts['session']}")
            yield Number(f"{kind}: progress polls without news", rate, "requests/s", 400, at_least=True)
            yield Number(f"{kind}: CPU of the web server for such a poll", cpu_ms, "ms")
            yield Number(f"{kind}: queries of such a poll", facts["queries"], "queries", 2)


def load(site: Stack, path: str, *headers: str, options: tuple[str, ...] = ()) -> tuple[float, float]:
    """Send requests, sixteen at a time; return requests per second, and the web server's CPU ms for each."""
    named = [word for header in headers for word in ("-H", header)]
    command = ["wrk", "-t1", "-c16", f"-d{WRK_SECONDS}s", *named, *options, f"{site.url}{path}"]
    before = cpu_seconds(site.web.pid)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = cpu_seconds(site.web.pid) - before
    assert "Non-2xx" not in output, output
    rate = float(re.search(r"Requests/sec: +([\d.]+)", output)[1])  # type: ignore[index]
    count = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    return rate, used / count * 1000


def submit() -> Iterator[Number]:
    """A list of 1,000 prompts submitted through the form, and its page."""
    for kind in KINDS:
        with stack(kind) as site:
            site.start_web()
            facts = inside(site, f"submit({PROMPTS})")
            browser = requests.Session()
            browser.cookies.set("sessionid", facts["session"])
            sent, shown = zip(*[_submit_and_show(site, browser, number) for number in range(TIMES)], strict=True)
            yield Number(f"{kind}: sending {PROMPTS} prompts", median(sent), "s", 1, remark=f"median of {TIMES}")
            yield Number(f"{kind}: page of {PROMPTS} prompts", median(shown), "s", 0.5, remark=f"median of {TIMES}")
            few, many = facts["queries_of_10"], facts["queries_of_all"]
            yield Number(
                f"{kind}: queries of {PROMPTS} prompts beyond those of 10",
                many - few,
                "queries",
                facts["inserts"],
                remark=f"{many} in all",
            )


def _submit_and_show(site: Stack, browser: requests.Session, number: int) -> tuple[float, float]:
    form = browser.get(f"{site.url}/batches/new/", timeout=60).text
    fields = dict(re.findall(r'name="(csrfmiddlewaretoken|submission_key)" value="([^"]+)"', form))
    prompts = "\n".join(f"a watercolour of house number {n} in a row of {number}" for n in range(PROMPTS))
    fields |= {"prompts": prompts, "model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
    started_at = time.monotonic()
    answer = browser.post(f"{site.url}/batches/new/", fields, allow_redirects=False, timeout=60)
    sent_at = time.monotonic()
    assert answer.status_code == 302, answer.text
    page = browser.get(f"{site.url}{answer.headers['location']}", timeout=60)
    shown_at = time.monotonic()
    assert f"number {PROMPTS - 1} in" in page.text
    return sent_at - started_at, shown_at - sent_at


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a server and its child processes in seconds."""
    server = psutil.Process(pid)
    return sum(sum(process.cpu_times()[:2]) for process in (server, *server.children(recursive=True)))


def inside(site: Stack, call: str, module: str = "inside") -> dict[str, Any]:
    """Call a function of a module of `bench` in the site's environment and return its result."""
    output = site.python(f"from bench.{module} import *\nimport json\nprint(json.dumps({call}))")
    return dict(json.loads(output.splitlines()[-1]))
