"""Workers killed between the file and its booking, and a disk that is really full."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.engine.conftest import StartWorker, embedded_only
from tests.engine.crashes import SHORT_LEASE
from tests.engine.customer import Customer
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import LONG, Upstream

pytestmark = embedded_only

DISK_MB = 96
PNG_END = b"IEND\xaeB`\x82"


@contextmanager
def locked_database(site: Stack) -> Iterator[None]:
    """Let nobody else write."""
    with closing(sqlite3.connect(site.directory / "db.sqlite3", timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_worker_killed_between_the_file_and_its_booking_costs_no_second_call(
    site: Stack, upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    folder = site.directory / "media"
    before = set(files_in(folder))
    upstream.set(delay_seconds=LONG)
    customer.submit_numbered(batch_count=1, prompt_count=2)
    worker = start_worker(**SHORT_LEASE)
    customer.wait_for_calls(1)
    with locked_database(site):
        upstream.set(delay_seconds=0)
        wait_for(lambda: [path for path in set(files_in(folder)) - before if path.read_bytes().endswith(PNG_END)])
        worker.kill9()
    start_worker(**SHORT_LEASE)
    customer.wait_until_finished()
    assert customer.prompts() == [("ready", "", 1), ("ready", "", 1)]
    assert len(customer.calls()) == 2


@pytest.fixture
def disk(site: Stack, customer: Customer) -> Iterator[Path]:
    """A small file system for the images."""
    folder = site.directory / "media"
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("file systems can't be mounted here")
    yield folder
    customer.act(f"age({customer.title!r}, 'ready_at', 10_000)")
    site.manage("expire_images")
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Fill the disk to its last byte."""
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(bytes(2 * DISK_MB * 1024 * 1024))
    return filler


def wait_for_hold(customer: Customer) -> None:
    wait_for(lambda: customer.batch_statuses() == {"waiting": 1})
    rows = customer.site.query(f"SELECT waiting_reason FROM batches_batch WHERE title = '{customer.title}'")
    assert rows == [("storage",)]


def test_with_a_full_disk_no_call_is_made_and_the_run_goes_on_by_itself(
    disk: Path, customer: Customer, start_worker: StartWorker
) -> None:
    filler = fill(disk)
    customer.submit_numbered(batch_count=1, prompt_count=2)
    start_worker()
    wait_for_hold(customer)
    assert customer.calls() == []
    filler.unlink()
    customer.act(f"let_hours_pass({customer.email!r}, 1)")
    customer.wait_until_finished()
    assert customer.prompts() == [("ready", "", 1), ("ready", "", 1)]


def test_an_image_that_comes_to_a_full_disk_is_stored_when_there_is_room(
    disk: Path, upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=LONG)
    customer.submit_numbered(batch_count=1, prompt_count=2)
    start_worker()
    customer.wait_for_calls(1)
    filler = fill(disk)
    upstream.set(delay_seconds=0)
    wait_for_hold(customer)
    assert files_in(disk) == [filler]
    filler.unlink()
    wait_for(lambda: customer.statuses()["ready"] == 1)
    customer.act(f"let_hours_pass({customer.email!r}, 1)")
    customer.wait_until_finished()
    assert customer.prompts() == [("ready", "", 1), ("ready", "", 1)]
