"""Benchmarks of long texts: lists that are refused, lists within the limits, and long batches read again."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from bench.api import MEGABYTE, peak_bytes
from bench.numbers import Number
from bench.pages import PROMPTS, cpu_seconds, inside
from tests.servers import Stack, stack

CHARACTERS = 32_000
CHOICES = {"model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
USUAL = "\n".join(
    f"a watercolour of house number {n} in a row of houses, " + "soft light, " * 14 for n in range(PROMPTS)
)
#: Within the limits, each the worst case of another step, such as composing accents or removing control characters.
WORST = {
    "letters": ("x" * CHARACTERS + "\n") * PROMPTS,
    "accents": ("e\u0301" * (CHARACTERS // 3) + "\n") * PROMPTS,
    "control characters": ("x\x01" * (CHARACTERS // 2) + "\n") * PROMPTS,
    "invisible characters": ("\u200b" * (CHARACTERS // 3) + "x\n") * PROMPTS,
}


class Customer:
    def __init__(self, site: Stack, session: str) -> None:
        self.site = site
        self.browser = requests.Session()
        self.browser.cookies.set("sessionid", session)
        form = self.browser.get(f"{site.url}/batches/new/", timeout=60).text
        self.token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[0]

    def post(self, path: str, prompts: str) -> requests.Response:
        """Submit the list to one of the form's URLs."""
        fields = {"csrfmiddlewaretoken": self.token, "prompts": prompts, "names": "", **CHOICES}
        parts = {name: (None, value.encode()) for name, value in fields.items()}
        return self.browser.post(f"{self.site.url}{path}", files=parts, allow_redirects=False, timeout=300)

    def cost(self, path: str, prompts: str, *statuses: int) -> float:
        """Return the CPU seconds that the web server needs for the list."""
        before = cpu_seconds(self.site.web.pid)
        answer = self.post(path, prompts)
        assert answer.status_code in statuses, answer.status_code
        return cpu_seconds(self.site.web.pid) - before


def text() -> Iterator[Number]:
    """Lists far above the limits, usual ones, the worst ones; a batch of the longest prompts read again."""
    with stack("embedded") as site:
        site.start_web()
        sessions = inside(site, "customers(13)")["sessions"]
        people = (Customer(site, session) for session in sessions)
        yield Number(
            "39 MB of newlines refused", next(people).cost("/batches/new/", "\n" * 39_000_000, 422, 413), "s CPU", 1
        )
        yield Number(
            "1,000 prompts of usual length, bill",
            next(people).cost("/batches/bill/?fragment=1", USUAL, 200),
            "s CPU",
            0.3,
        )
        yield Number(
            "1,000 prompts of usual length, submitted", next(people).cost("/batches/new/", USUAL, 302), "s CPU", 0.3
        )
        yield from _sent_by_programs(site, sessions.pop())
        for name, prompts in WORST.items():
            seconds = next(people).cost("/batches/bill/?fragment=1", prompts, 200)
            yield Number(f"1,000 prompts of 32,000 {name}, bill", seconds, "s CPU", 3)
        yield from _others_wait(site, next(people))
        yield from _read_again(site, next(people))


def _sent_by_programs(site: Stack, session: str) -> Iterator[Number]:
    """Submit lists to the API: a usual one, the largest allowed, and one of empty lists only."""
    headers = {"Authorization": f"Bearer {inside(site, f'key_of_session({session!r})')['key']}"}
    row = '{"prompt": "%s", "style": "oil", "quality": "low"}' % ("x" * 8_000)
    bodies = {
        "1,000 prompts of usual length": (json.dumps({"prompts": USUAL.split("\n")}), 200, 0.3),
        "8 MB of prompts": ('{"prompts": [' + ", ".join([row] * PROMPTS) + "]}", 200, 3),
        "8 MB of empty lists": ('{"prompts": [' + "[]," * 2_700_000 + "[]]}", 400, 1),
    }
    for name, (body, status, target) in bodies.items():
        kind = {**headers, "Content-Type": "application/json"}
        before = cpu_seconds(site.web.pid)
        answer = requests.post(f"{site.url}/api/v1/batches?dry_run=true", body, headers=kind, timeout=300)
        assert answer.status_code == status, answer.text[:500]
        yield Number(f"{name}, POST to the API", cpu_seconds(site.web.pid) - before, "s CPU", target)


def _others_wait(site: Stack, customer: Customer) -> Iterator[Number]:
    """Submit sixteen lists of 2 MB at once, and request another page meanwhile."""
    prompts = "a\n" * MEGABYTE
    with ThreadPoolExecutor(16) as pool:
        sent = [pool.submit(customer.post, "/batches/bill/?fragment=1", prompts) for _ in range(16)]
        time.sleep(0.5)
        started_at = time.monotonic()
        requests.get(f"{site.url}/pricing/", timeout=300).raise_for_status()
        waited = time.monotonic() - started_at
        statuses = sorted(answer.result().status_code for answer in sent)
    yield Number("/pricing/ beside 16 posts of 2 MB", waited, "s", 1, remark=f"answered {set(statuses)}")


def _read_again(site: Stack, customer: Customer) -> Iterator[Number]:
    """Fetch the longest batch as JSON and as a table, and measure the memory for each."""
    answer = customer.post("/batches/new/", WORST["letters"])
    assert answer.status_code == 302, answer.status_code
    page = answer.headers["Location"]
    facts: dict[str, Any] = inside(site, f"key_of({page!r})")
    headers = {"Authorization": f"Bearer {facts['key']}"}
    addresses = {"GET of a batch": f"/api/v1{page.rstrip('/')}", "manifest": f"{page}manifest.csv"}
    for name, address in addresses.items():
        site.web.stop()
        site.start_web()
        small = customer.browser.get(f"{site.url}/api/v1/account", headers=headers, timeout=60)
        small.raise_for_status()
        before, seconds = peak_bytes(site.web.pid, reset=True), cpu_seconds(site.web.pid)
        with customer.browser.get(f"{site.url}{address}", headers=headers, stream=True, timeout=60) as answer:
            size = sum(map(len, answer.iter_content(MEGABYTE)))
        assert size > CHARACTERS * PROMPTS, size
        extra = (peak_bytes(site.web.pid) - before) / MEGABYTE
        remark = f"{cpu_seconds(site.web.pid) - seconds:.2f} s CPU"
        yield Number(f"{name} of {PROMPTS} × {CHARACTERS}: extra memory", extra, "MB", 25, remark=remark)
