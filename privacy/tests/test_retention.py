"""What is deleted when its time is over, and what stays."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from celery.signals import worker_ready
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, User
from batches import lifecycle, periodic
from batches.models import Batch, Prompt, WebhookDelivery
from privacy import deletion, retention
from tests.cast import MakeBatch, deliver_next

LONG_AGO = timezone.now() - timedelta(days=400)
SESSIONS, LOG, TRAIL = "sessions", "entries of the admin's log", "entries of the security trail"


@pytest.fixture
def old_rows(alice: User, olga: User) -> None:
    """One row of each kind of log whose time is over, and one that is fresh."""
    for key, at in (("old", LONG_AGO), ("fresh", timezone.now() + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="x", expire_date=at)
        listed = UserSession.objects.create(user=alice, ip="127.0.0.1", user_agent="x", session_key=key)
        UserSession.objects.filter(pk=listed.pk).update(last_seen_at=at)
        entry = AuditEntry.objects.record(AuditAction.SIGNED_IN, alice, note=key)
        AuditEntry.objects.filter(pk=entry.pk if entry else None).update(created_at=at)
        kind = ContentType.objects.get_for_model(User)
        LogEntry.objects.create(user=olga, content_type=kind, object_repr=key, action_flag=CHANGE, action_time=at)
        message = WebhookDelivery.objects.create(user=alice, url="https://a.example", event="batch.finished", body=key)
        WebhookDelivery.objects.filter(pk=message.pk).update(created_at=at)


def ended(batch: Batch, at: Any = LONG_AGO) -> None:
    for _ in range(batch.total):
        deliver_next(batch)
    Batch.objects.filter(pk=batch.pk).update(finished_at=at)


@pytest.mark.usefixtures("old_rows")
def test_only_what_is_over_is_deleted() -> None:
    counts = retention.delete_expired()
    assert [counts[kind] for kind in (SESSIONS, LOG, TRAIL, "webhook messages")] == [1, 1, 1, 1]
    assert Session.objects.get().session_key == UserSession.objects.get().session_key == "fresh"
    assert LogEntry.objects.get().object_repr == AuditEntry.objects.get().note == "fresh"


def test_the_list_of_sessions_follows_the_setting(alice: User, settings: Any) -> None:
    settings.SESSION_IDLE_DAYS = 2
    for days in (1, 3):
        listed = UserSession.objects.create(user=alice, ip="127.0.0.1", user_agent="x", session_key=f"{days} days")
        UserSession.objects.filter(pk=listed.pk).update(last_seen_at=timezone.now() - timedelta(days=days))
    retention.delete_scheduled()
    assert UserSession.objects.get().session_key == "1 days"


@pytest.mark.usefixtures("old_rows")
def test_a_dry_run_counts_and_deletes_nothing() -> None:
    said = StringIO()
    call_command("delete_expired_data", "--dry-run", stdout=said)
    assert "1 sessions would be deleted" in said.getvalue()
    assert Session.objects.count() == AuditEntry.objects.count() == LogEntry.objects.count() == 2


@pytest.mark.usefixtures("old_rows")
def test_the_worker_deletes_what_no_other_job_does() -> None:
    retention.delete_scheduled()
    assert Session.objects.count() == UserSession.objects.count() == LogEntry.objects.count() == 1


@pytest.mark.parametrize(("days", "left"), [(0, 3), (365, 2)])
def test_batches_are_deleted_days_after_their_end(
    alice: User, make_batch: MakeBatch, settings: Any, days: int, left: int
) -> None:
    settings.PROMPT_RETENTION_DAYS = days
    ended(make_batch(alice, 1))
    ended(make_batch(alice, 1), timezone.now())
    make_batch(alice, 1)
    assert retention.delete_expired(dry_run=True)["batches"] == 3 - left
    assert retention.delete_expired()["batches"] == 3 - left
    assert Batch.objects.filter(deleted_at=None).count() == left


def test_a_fault_with_one_batch_does_not_stop_the_others(
    alice: User, make_batch: MakeBatch, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROMPT_RETENTION_DAYS = 365
    batches = [make_batch(alice, 1), make_batch(alice, 1)]
    for batch in batches:
        ended(batch)
    delete = lifecycle.delete

    def faulty(batch: Batch, actor: User) -> None:
        if batch == batches[1]:
            raise KeyError
        delete(batch, actor)

    monkeypatch.setattr(lifecycle, "delete", faulty)
    assert retention.delete_old_batches() == 1
    assert Batch.objects.get(deleted_at=None) == batches[1]


def test_a_batch_that_runs_again_is_not_deleted(alice: User, make_batch: MakeBatch, settings: Any) -> None:
    settings.PROMPT_RETENTION_DAYS = 365
    batch = make_batch(alice, 1)
    Batch.objects.filter(pk=batch.pk).update(finished_at=LONG_AGO)
    assert retention.delete_old_batches() == 0


def test_the_command_erases_accounts_whose_time_has_come(alice: User) -> None:
    deletion.request(alice, alice)
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now())
    call_command("delete_expired_data", verbosity=0)
    assert not User.objects.filter(email="alice@example.org").exists()
    assert not Prompt.objects.exists()


def test_workers_erase_and_delete_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    started = {}
    monkeypatch.setattr(periodic, "start_thread", lambda name, jobs: started.update({name: jobs}))
    worker_ready.send(sender=None)
    assert [job.run for job in started["privacy"]] == [deletion.erase_due, retention.delete_scheduled]
