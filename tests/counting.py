"""Counting what an act asks of the database."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

_NOT_QUERIES = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def count_queries(act: Callable[[], object]) -> int:
    """Return how many queries the act makes; the ends of transactions are not counted."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len([query for query in captured if not query["sql"].startswith(_NOT_QUERIES)])


def count_page_queries(client: Client, url: str) -> int:
    """Return how many queries a page takes that has been opened before, so that its session is in the cache."""
    assert client.get(url).status_code == 200
    return count_queries(lambda: client.get(url))
