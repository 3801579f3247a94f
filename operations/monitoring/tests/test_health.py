"""`/livez`, `/readyz` and `/healthz`: what each checks, and what a stranger learns from it."""

import shutil
import time
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from accounts.models import User
from batches.choices import WaitReason
from batches.models import BatchEvent
from batches.runs import files, heartbeat
from operations.models import Alarm
from operations.monitoring import clocks, health
from tests.cast import MakeBatch

Disk = namedtuple("Disk", ["total", "used", "free"])
GIGABYTE = 1024**3


def test_livez_answers_without_database_and_cache(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the fixture `db` each query is an error.
    monkeypatch.setattr(type(caches["default"]), "get", pytest.fail)
    assert client.get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_web_process_is_ready_without_a_worker(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()) == {
        "status", "database", "clock", "migrations", "cache", "media", "disk", "static_files"
    }  # fmt: skip


@pytest.mark.django_db
def test_a_database_that_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def cursor() -> None:
        raise OperationalError("no route to db.internal")

    monkeypatch.setattr(connection, "cursor", cursor)
    for path in ("/readyz", "/healthz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["database"]) == (503, "failing")
        assert b"db.internal" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(("ahead_seconds", "result"), [(1.5, "ok"), (3, "-3.0 s"), (-3, "+3.0 s")])
def test_a_clock_that_differs_from_the_databases(
    monkeypatch: pytest.MonkeyPatch, ahead_seconds: float, result: str
) -> None:
    monkeypatch.setattr(clocks, "time", lambda: time.time() + ahead_seconds)
    assert health.readiness()["clock"] == result


@pytest.mark.django_db
def test_a_migration_that_was_not_applied() -> None:
    health.missing_migrations.clear()
    assert health.readiness()["migrations"] == "ok"
    MigrationRecorder.Migration.objects.filter(app="batches").latest("name").delete()
    health.missing_migrations.clear()
    assert health.readiness()["migrations"] == "1 missing"
    health.missing_migrations.clear()


@pytest.mark.django_db
def test_without_all_migrations_no_table_is_asked(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="batches").latest("name").delete()
    health.missing_migrations.clear()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "failing")
    assert not {"queue", "batches"} & set(answer.json())
    assert not Alarm.objects.exists()
    health.missing_migrations.clear()


@pytest.mark.django_db
def test_a_cache_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(type(caches["default"]), "set", away)
    assert health.readiness()["cache"] == "unreachable"


@pytest.mark.django_db
def test_a_folder_of_images_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "can_store", files.has_room)
    assert health.readiness()["media"] == "ok"

    def refused(*args: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(type(storages["default"]), "save", refused)
    assert health.readiness()["media"] == "not writable"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("total", "free", "result"),
    [(10, 0.6, "ok"), (100, 2, "ok"), (100, 0.5, "512 MB free")],
)
def test_a_disk_with_little_room_is_reported(
    monkeypatch: pytest.MonkeyPatch, total: int, free: float, result: str
) -> None:
    disk = Disk(total * GIGABYTE, 0, int(free * GIGABYTE))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk)
    assert health.readiness()["disk"] == result


@pytest.mark.django_db
def test_static_files_that_were_not_collected_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.staticfiles_storage, "hashed_files", {}, raising=False)
    assert health.readiness()["static_files"] == "run collectstatic"


def test_health_fails_while_batches_wait_for_an_operator(
    client: Client, alice: User, make_batch: MakeBatch, caplog: pytest.LogCaptureFixture
) -> None:
    batches = [make_batch(alice) for _ in range(4)]
    assert client.get("/healthz").json()["batches"] == "ok"
    for batch, reason in zip(batches, ("storage", "upstream_key", "storage", WaitReason.DAILY_LIMIT), strict=True):
        batch.wait(reason)
    answer = client.get("/healthz")
    assert answer.json()["batches"] == "failing"
    assert "on hold: storage, upstream_key" in caplog.text
    assert b"upstream_key" not in answer.content


def test_health_fails_while_a_batch_is_forgotten(alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice)
    assert health.everything()["queue"] == "ok"
    BatchEvent.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    assert health.everything()["queue"] == "a batch has waited for 20 minutes"
    make_batch(alice).pause(alice)
    assert health.everything()["queue"] == "a batch has waited for 20 minutes"


@pytest.mark.django_db
def test_health_fails_without_a_worker(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    assert health.everything()["worker"] == "no heartbeat"
    heartbeat.beat()
    assert health.everything()["worker"] == "ok"
