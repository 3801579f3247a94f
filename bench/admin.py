"""Benchmarks of the admin: its lists with a million prompts and as many ledger entries, on MariaDB."""

import time
from collections.abc import Iterator
from statistics import median

import requests

from bench.numbers import Number
from bench.pages import inside
from tests.servers import Stack, stack

TIMES = 5
#: In seconds, for a page that a user waits for.
LIST, SEARCH = 1.0, 2.0


def lists() -> Iterator[Number]:
    """Open the large lists, and search in them."""
    with stack("production") as site:
        site.start_web()
        began_at = time.monotonic()
        facts = inside(site, "a_million_prompts()", module="large_tables")
        yield Number("admin: inserting a million prompts", time.monotonic() - began_at, "s")
        for name, path in facts["lists"].items():
            yield Number(f"admin: {name}", opened(site, facts["session"], path), "s", LIST, remark=f"median of {TIMES}")
        for name, path in facts["searches"].items():
            seconds = opened(site, facts["session"], path)
            yield Number(f"admin: {name}", seconds, "s", SEARCH, remark=f"median of {TIMES}")


def opened(site: Stack, session: str, path: str) -> float:
    """Return how many seconds a page takes."""
    return median(_seconds(f"{site.url}{path}", session) for _ in range(TIMES))


def _seconds(url: str, session: str) -> float:
    began_at = time.monotonic()
    page = requests.get(url, cookies={"sessionid": session}, timeout=120)
    assert page.status_code == 200, (url, page.status_code)
    return time.monotonic() - began_at
