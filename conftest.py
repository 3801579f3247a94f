"""What every test starts from: throw-away files and mails, no real key, no way out of this machine."""

import gc
import itertools
import os
import shutil
import socket
from collections.abc import Iterator
from functools import cache as cache_once
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase, override_settings
from django.utils import translation
from limits.storage import MemoryStorage

from rest import request_limits
from rest.downloads import Download
from tests import prepared
from tests.databases import missing
from tests.emptying import empty_tables

pytest_plugins = ("tests.cast", "tests.upstream")
# Off until all tests are collected: searching their modules for garbage took a quarter of all CPU time.
gc.disable()

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Counters(MemoryStorage):
    """Counts for longer than a minute: a test that stops the clock may take that long on a busy machine."""

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        return super().incr(key, 60 * expiry, amount)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--only-database`: what a second database must be asked for again."""
    parser.addoption("--only-database", action="store_true", help="only what may differ by database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Obey `--only-database`."""
    if config.getoption("--only-database"):
        config.hook.pytest_deselected(items=[item for item in items if not _uses_a_server(item)])
        items[:] = [item for item in items if _uses_a_server(item)]


def pytest_collection_finish() -> None:
    """Exclude the imported modules from later garbage collections."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _uses_a_server(item: pytest.Item) -> bool:
    if item.get_closest_marker("any_database"):
        return False
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(item.get_closest_marker(name) for name in ("django_db", "mariadb", "redis"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run; where CI=true, fail instead."""
    for need in ("mariadb", "redis", "browser"):
        if item.get_closest_marker(need) and (reason := missing(need)):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(autouse=True, scope="session")
def _settings_of_tests() -> Iterator[None]:
    """Give all tests the same settings, whatever `.env` says."""
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        OPENAI_API_KEY="",
        SANDBOX=True,
        REPLICATE_SANDBOX=True,
        REPLICATE_API_TOKEN="",
        # Most tests count the calls upstream. Those of moderation set it.
        OPENAI_MODERATION_MODEL="",
        # The thread that renews leases lives on, and would use the database when its test has ended.
        LEASE_RENEWAL_SECONDS=3600,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        STORAGES={**site_settings.STORAGES, "staticfiles": static_files},
    ):
        yield


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Name a folder for each test; `tmp_path` lists those of all earlier tests to find a name."""
    folder = tmp_path_factory.mktemp("sites")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def throw_away_site(settings: Any, _folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test files and limits of its own."""
    folder = next(_folders)
    folder.mkdir()
    settings.MEDIA_ROOT = str(folder / "media")
    settings.MAIL_DIR = str(folder / "mail")
    cache.clear()
    # A request in Spanish of an earlier test leaves its language active.
    translation.deactivate()
    # Users of different tests have the same ids.
    monkeypatch.setattr(request_limits, "storage", cache_once(Counters))
    monkeypatch.setattr(Download, "running", WeakSet())


@pytest.fixture(autouse=True, scope="session")
def _empty_tables_fast() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_keepdb: bool,
) -> None:
    """Keep SQLite's test database in a file: in memory, threads would get errors instead of waiting for each other.

    It is a copy of one that was migrated before (tests.prepared), unless `--create-db` asks for a new one.
    """
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)
        if django_db_keepdb:
            shutil.copy(prepared.sqlite_database(), file)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Any:
    """Refuse connections to anywhere else: no test may spend money or depend on the network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise PermissionError(f"a test tried to connect to {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
