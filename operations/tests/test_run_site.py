"""`make run`: one command brings the site up, keeps it up and takes it down."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command

from operations.management.commands import run_site
from operations.processes import MANAGE, port_file
from tests import prepared
from tests.ports import HOST, free_port
from tests.processes import Process, answers, wait_for


class Site:
    """A running `run_site` in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port(neighbours=1)
        self.environment = {
            **os.environ,
            "VAR_DIR": str(directory),
            "OPENAI_API_KEY": "",
            "SECRET_KEY": "of-a-throw-away-site-that-ends-with-its-test",
            # Not set in most shells: output must appear in the log at once without it.
            "PYTHONUNBUFFERED": "",
        }
        command = [*MANAGE, "run_site", f"--port={self.port}"]
        self.process = Process("run_site", command, self.environment, directory / "log").start()

    def url(self, path: str = "/", *, sandbox: bool = False) -> str:
        return f"http://{HOST}:{self.port + sandbox}{path}"

    def child(self, word: str) -> int | None:
        """Return the id of the child whose command has that word."""
        for child in psutil.Process(self.process.pid).children():
            # It may have just died.
            with suppress(psutil.NoSuchProcess):
                if word in child.cmdline():
                    return child.pid
        return None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    # As after a first start, which the last of these tests waits for.
    shutil.copy(prepared.sqlite_database(), directory / "db.sqlite3")
    site = Site(directory)
    site.process.wait_until(lambda: "Images in bulk runs at" in site.process.tail())
    yield site
    site.process.stop()


@pytest.mark.engine
def test_the_site_and_its_sandbox_answer(running: Site) -> None:
    assert answers(running.url())
    assert answers(running.url("/mail/", sandbox=True))


@pytest.mark.engine
def test_a_command_in_another_terminal_reaches_the_sandbox(running: Site) -> None:
    command = [*MANAGE, "reconcile_stripe"]
    ran = subprocess.run(command, env=running.environment, capture_output=True, text=True, check=False)
    assert "0 bookings were missing" in ran.stdout, ran.stderr


@pytest.mark.engine
def test_it_says_how_to_sign_in(running: Site) -> None:
    text = running.process.tail()
    assert running.url("/accounts/signup/") in text
    assert running.url("/mail/", sandbox=True) in text


@pytest.mark.engine
@pytest.mark.parametrize("name", ["run_worker", "imagesinbulk.wsgi", "sandbox.wsgi"])
def test_a_killed_process_comes_back(running: Site, name: str) -> None:
    first = wait_for(lambda: running.child(name))
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: running.child(name) not in (None, first))
    wait_for(lambda: answers(running.url()) and answers(running.url(sandbox=True)))


@pytest.mark.engine
def test_a_taken_port_is_refused_with_advice(running: Site) -> None:
    with pytest.raises(CommandError, match=r"make run PORT="):
        call_command("run_site", port=running.port)


@pytest.mark.engine
def test_a_stop_leaves_nobody_behind(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.process.wait_until(lambda: "Images in bulk runs at" in site.process.tail())
    site.process.stop()
    assert not answers(site.url())
    assert not answers(site.url(sandbox=True))
    assert not port_file(tmp_path).exists()


def test_the_addresses_follow_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    monkeypatch.delenv("SANDBOX_URL", raising=False)
    environment = run_site.site_environment(8100)
    assert environment["SITE_URL"] == "http://127.0.0.1:8100"
    assert environment["SANDBOX_URL"] == "http://127.0.0.1:8101"


def test_an_address_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://images.example.com")
    assert run_site.site_environment(8100)["SITE_URL"] == "https://images.example.com"


def test_with_real_keys_no_sandbox_is_started(settings: Any) -> None:
    settings.SANDBOX = settings.STRIPE_SANDBOX = False
    assert [process.name for process in run_site.site_processes(8100, {})] == ["worker", "web"]


def test_without_a_key_of_stripe_its_stand_in_is_started_beside_the_real_openai(settings: Any) -> None:
    settings.SANDBOX, settings.STRIPE_SANDBOX = False, True
    assert run_site.site_processes(8100, {})[0].name == "sandbox"


@pytest.mark.parametrize(("collected_seconds_ago", "is_stale"), [(60, True), (-60, False)])
def test_a_file_that_came_later_with_an_old_date_is_collected(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collected_seconds_ago: float, is_stale: bool
) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()
    collected_at = time.time() - collected_seconds_ago
    os.utime(tmp_path / "staticfiles.json", (collected_at, collected_at))
    (tmp_path / "old.js").touch()
    os.utime(tmp_path / "old.js", (0, 0))
    finder = SimpleNamespace(list=lambda _: [("old.js", FileSystemStorage(tmp_path))])
    monkeypatch.setattr(run_site, "get_finders", lambda: [finder])
    assert run_site.static_files_are_stale() == is_stale


def test_the_upstream_is_started_first_and_stopped_last() -> None:
    assert [process.name for process in run_site.site_processes(8100, {})] == ["sandbox", "worker", "web"]
