"""Heartbeats of workers, and the command that asks for one."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command

from batches.runs import heartbeat


@pytest.fixture(autouse=True)
def var_dir(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_each_worker_has_its_own_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat.beat()
    monkeypatch.setattr(heartbeat.socket, "gethostname", lambda: "other")
    heartbeat.beat()
    heartbeat.beat()
    assert heartbeat.alive_workers() > {f"other:{os.getpid()}"}
    assert len(heartbeat.alive_workers()) == 2


def test_a_worker_that_has_stopped_is_no_longer_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "ALIVE_SECONDS", 0)
    heartbeat.beat()
    assert heartbeat.alive_workers() == set()


def test_the_command_needs_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError):
        call_command("worker_alive")

    def away(*args: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(type(caches["default"]), "set", away)
    with pytest.raises(ConnectionRefusedError):
        heartbeat.beat()
    call_command("worker_alive")


def test_the_command_fails_when_the_last_heartbeat_is_old(var_dir: Path) -> None:
    heartbeat.beat()
    then = time.time() - heartbeat.ALIVE_SECONDS - 1
    (file,) = var_dir.iterdir()
    os.utime(file, (then, then))
    with pytest.raises(CommandError, match="No worker is alive here"):
        call_command("worker_alive")


def test_the_command_does_not_count_the_worker_of_another_container(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat.beat()
    monkeypatch.setattr(heartbeat.socket, "gethostname", lambda: "other")
    with pytest.raises(CommandError):
        call_command("worker_alive")


def test_a_worker_that_stops_leaves_no_file(var_dir: Path) -> None:
    heartbeat.beat()
    heartbeat.end()
    assert list(var_dir.iterdir()) == []
