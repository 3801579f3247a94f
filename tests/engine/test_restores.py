"""A backup made during a run and restored into a new database, by the commands of docs/operations.md."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import StartWorker
from tests.engine.crashes import SHORT_LEASE
from tests.engine.customer import Customer
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import Upstream

PROMPTS = 8


def back_up(site: Stack, folder: Path) -> Path:
    site.run_command("backup_database", str(folder))
    (file,) = folder.glob("images-in-bulk-*")
    return file


@pytest.fixture
def new_site(site: Stack) -> Iterator[Stack]:
    """The same site with an empty database and, in production, a broker and a cache that know nothing."""
    name = f"restored_{uuid.uuid4().hex}"
    variables = {"DATABASE_URL": f"sqlite:///{site.directory / name}.sqlite3"}
    if site.database and site.broker:
        variables = {
            "DATABASE_URL": site.database.create(name),
            "BROKER_URL": site.broker.url(5),
            "CACHE_URL": site.broker.url(6),
        }
    with site.beside(**variables) as new_site:
        yield new_site


def test_a_restored_site_goes_on_with_the_run(
    site: Stack, new_site: Stack, upstream: Upstream, customer: Customer, start_worker: StartWorker, tmp_path: Path
) -> None:
    upstream.set(delay_seconds=0.3)
    customer.submit_numbered(batch_count=1, prompt_count=PROMPTS)
    worker = start_worker(**SHORT_LEASE)
    customer.wait_for_calls(3)
    backup = back_up(site, tmp_path)
    worker.kill9()
    new_site.run_command("restore_database", str(backup))
    new_site.run_command("migrate", "--check")
    new_site.run_command("check_ledger")
    new_site.start_worker(**SHORT_LEASE)
    ready = f"count_ready({customer.title!r})"
    wait_for(lambda: new_site.inside.run(ready) == str(PROMPTS), what="the images of the restored batch")
    new_site.inside.run("prove()")


def test_only_an_empty_database_is_filled(site: Stack, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Restore into an empty one"):
        site.run_command("restore_database", str(back_up(site, tmp_path)))


def test_a_damaged_backup_is_refused(site: Stack, new_site: Stack, tmp_path: Path) -> None:
    backup = back_up(site, tmp_path)
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    with pytest.raises(RuntimeError, match=r"can't be restored"):
        new_site.run_command("restore_database", str(backup))
