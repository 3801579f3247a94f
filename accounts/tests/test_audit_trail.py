"""The security trail: what one record says, in the database and in the log, and how much of it is stored."""

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.core.context import request_context
from django.test import RequestFactory
from django.utils import timezone

from accounts.audit import flood, retention
from accounts.models import AuditAction, AuditEntry, User

record = AuditEntry.objects.record


def log_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.name == "security"]


def test_a_record_says_who_what_from_where_and_when(alice: User, olga: User) -> None:
    request = RequestFactory().post("/", headers={"user-agent": "Firefox/140"}, REMOTE_ADDR="192.0.2.7")
    with request_context(request):
        record(AuditAction.KEY_REVOKED, alice, actor=olga, subject="abc", note="Printer")
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.actor, entry.subject, entry.note) == (alice, olga, "abc", "Printer")
    assert (entry.ip, entry.user_agent) == ("192.0.2.7", "Firefox/140")
    assert timezone.now() - entry.created_at < timedelta(minutes=1)


def test_the_command_line_has_no_address(alice: User) -> None:
    entry = record(AuditAction.KEY_REVOKED, alice)
    assert entry is not None
    assert (entry.actor, entry.ip, entry.user_agent) == (None, None, "")


def test_the_log_has_one_line_of_json(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        record(AuditAction.KEY_RENAMED, alice, subject="one\nsecurity: {}")
    (line,) = log_lines(caplog)
    fields = {"action": "key_renamed", "user": str(alice.public_id), "subject": "one\nsecurity: {}"}
    assert "\n" not in line
    assert json.loads(line) == fields


def test_the_log_names_people_by_id_and_has_no_addresses(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    record(AuditAction.SIGN_IN_FAILED, alice, address=alice.email)
    record(AuditAction.SIGN_IN_FAILED, None, address="nobody@example.org")
    about_alice, about_nobody = log_lines(caplog)
    assert alice.email not in about_alice
    assert "nobody@example.org" not in about_nobody


def test_the_log_has_the_codes_of_refusals_and_no_other_notes(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        record(AuditAction.SIGN_IN_FAILED, alice, note="totp")
        record(AuditAction.EMAIL_CHANGED, alice, note="old@example.org → new@example.org")
        record(AuditAction.SUSPENDED, alice, note="This prompt breaks our rules: a fox")
    assert [json.loads(line).get("note") for line in log_lines(caplog)] == ["totp", None, None]


def test_what_is_too_long_is_cut(alice: User) -> None:
    request = RequestFactory().get("/", headers={"user-agent": "x" * 5_000})
    with request_context(request):
        entry = record(AuditAction.KEY_RENAMED, alice, address="a" * 999, note="n" * 999)
    assert entry is not None
    entry.full_clean(exclude=["address"])


def test_a_flood_about_one_account_does_not_fill_the_table(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(flood.PER_USER + 5):
        record(AuditAction.SIGN_IN_FAILED, alice)
    assert AuditEntry.objects.count() == flood.PER_USER
    assert len(log_lines(caplog)) == flood.PER_USER + 5


@pytest.mark.django_db
def test_a_flood_from_many_addresses_does_not_fill_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "STRANGERS", 10)
    for number in range(15):
        with request_context(RequestFactory().get("/", REMOTE_ADDR=f"192.0.2.{number}")):
            record(AuditAction.SIGN_IN_FAILED, None, address=f"nobody-{number}@example.org")
    assert AuditEntry.objects.count() == 10


def test_a_flood_of_strangers_hides_nothing_about_an_account(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "STRANGERS", 0)
    record(AuditAction.SIGN_IN_FAILED, None)
    record(AuditAction.SIGN_IN_FAILED, alice)
    assert AuditEntry.objects.get().user == alice


def test_changes_are_recorded_however_many(alice: User) -> None:
    for _ in range(flood.PER_USER + 5):
        record(AuditAction.KEY_RENAMED, alice)
    assert AuditEntry.objects.count() == flood.PER_USER + 5


def aged(days: int, user: User | None) -> AuditEntry:
    entry = record(AuditAction.SIGN_IN_FAILED, user)
    assert entry is not None
    AuditEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - timedelta(days=days))
    return entry


def test_old_entries_are_deleted_and_those_about_strangers_earlier(alice: User, settings: Any) -> None:
    settings.AUDIT_TRAIL_DAYS = 100
    kept = {aged(99, alice), aged(29, None)}
    aged(101, alice), aged(31, None)
    assert retention.delete_old() == 2
    assert set(AuditEntry.objects.all()) == kept
