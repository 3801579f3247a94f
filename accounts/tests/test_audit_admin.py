"""Operators search the security trail by person, address, IP address, action and day."""

from datetime import UTC, datetime

import pytest
from allauth.core.context import request_context
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User

LIST = reverse("admin:accounts_auditentry_changelist")


@pytest.fixture
def trail(alice: User, bob: User, olga: User) -> None:
    record = AuditEntry.objects.record
    with request_context(RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")):
        record(AuditAction.SIGNED_IN, alice, actor=alice, note="one")
    record(AuditAction.ROLE_CHANGED, bob, actor=olga, note="two")
    record(AuditAction.SIGN_IN_FAILED, None, address="nobody@example.org", note="three")
    AuditEntry.objects.filter(note="three").update(created_at=datetime(2026, 3, 4, 23, 59, tzinfo=UTC))


def found(client: Client, **query: str) -> set[str]:
    return {entry.note for entry in client.get(LIST, query).context["cl"].result_list}


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        ("alice@example.org", {"one"}),
        ("ALICE", {"one"}),
        ("olga", {"two"}),
        ("nobody@example.org", {"three"}),
        ("192.0.2.7", {"one"}),
        ("2026-03-04", {"three"}),
        ("2026-03-05", set()),
        ("alice 192.0.2.7", {"one"}),
        ("bob 192.0.2.7", set()),
        ("stranger@example.org", set()),
    ],
)
def test_the_search_finds_entries_by_these_words(olgas: Client, trail: None, words: str, notes: set[str]) -> None:
    assert found(olgas, q=words) == notes


def test_the_list_is_filtered_by_action(olgas: Client, trail: None) -> None:
    assert found(olgas, action__exact="role_changed") == {"two"}


def test_each_search_uses_indexes(olgas: Client, trail: None) -> None:
    for words in ("alice", "192.0.2.7", "2026-03-04"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            olgas.get(LIST, {"q": words})
        (search,) = [
            query["sql"] for query in queries if "COUNT" in query["sql"] and "accounts_auditentry" in query["sql"]
        ]
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                plan = " ".join(str(row) for row in cursor.execute(f"EXPLAIN QUERY PLAN {search}").fetchall())
            assert "SCAN accounts_" not in plan, words
