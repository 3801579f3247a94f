"""A setting that cannot work stops the site before it serves anybody, with one sentence."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from operations.processes import GUNICORN, MANAGE
from tests.processes import ROOT

STATIC_FILES = "imagesinbulk.backends.staticfiles.StaticFilesStorage"


def start(command: tuple[str, ...], directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "VAR_DIR": str(directory), "STATIC_ROOT": str(directory), **environment}
    return subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_worker_needs_a_thread() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        call_command("run_worker", concurrency=0, skip_checks=True)


@pytest.mark.parametrize(
    ("command", "environment", "sentence"),
    [
        (GUNICORN, {"DEBUG": "False"}, "Run manage.py collectstatic."),
        (GUNICORN, {"LEASE_SECONDS": "long"}, "LEASE_SECONDS is not of the type float."),
        ((*MANAGE, "check"), {"DATABASE_URL": "mysql://a:b@host:port/c"}, "DATABASE_URL is not the URL of a database."),
        ((*MANAGE, "check"), {"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE can't be read"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    command: tuple[str, ...], environment: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    done = start(command, tmp_path, **environment)
    assert done.returncode == (3 if command == GUNICORN else 1)
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr


def test_a_secret_is_read_from_a_file_without_its_newline(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    command = (sys.executable, "-c", "from imagesinbulk import settings; print(repr(settings.OPENAI_API_KEY))")
    assert start(command, tmp_path, OPENAI_API_KEY="other", OPENAI_API_KEY_FILE=str(file)).stdout == "'from-a-file'\n"


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    """A manifest that has all files."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STATIC_FILES}}
    found = [(name, getattr(storage, "prefix", "")) for finder in get_finders() for name, storage in finder.list([])]
    paths = ", ".join(f'"{f"{prefix}/" if prefix else ""}{name}": ""' for name, prefix in found)
    (tmp_path / "staticfiles.json").write_text(f'{{"version": "1.1", "paths": {{{paths}}}, "hash": ""}}')
    return tmp_path / "staticfiles.json"


@pytest.mark.django_db
@pytest.mark.parametrize(("folder", "count"), [("no-folder-of-ours/", 0), ("css/", 1)])
def test_static_files_that_were_not_collected_are_found(collected: Path, folder: str, count: int) -> None:
    collected.write_text(collected.read_text().replace(folder, "other/"))
    ids = [message.id for message in run_checks(include_deployment_checks=True)]
    assert ids.count("imagesinbulk.E008") == count


def test_a_worker_does_not_start_with_a_setting_that_cannot_work(tmp_path: Path) -> None:
    done = start((*MANAGE, "run_worker"), tmp_path, LEASE_SECONDS="0")
    assert done.returncode == 1
    assert "imagesinbulk.E006" in done.stderr
