"""Customers' programs against a running site: the command line client, and the examples as they stand."""

import hashlib
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batches.lists.tables import MANIFEST_COLUMNS
from lib.standard_webhooks import new_secret
from tests.engine import programs
from tests.engine.conftest import StartWorker, embedded_only
from tests.engine.customer import Customer
from tests.ports import HOST, free_port
from tests.processes import PATIENCE_SECONDS, ROOT, Process, answers, wait_for
from tests.upstream import LONG, Upstream

# A program sees the same site on any database.
pytestmark = embedded_only
BATCH = {"sh": "bash", "py": sys.executable, "mjs": "node"}
WEBHOOK = {"py": sys.executable, "mjs": "node"}
PICTURES = ["a lighthouse at dawn.png", "fox.png"]
SECRET = new_secret()


def hashes(folder: Path) -> dict[str, str]:
    """Return name and SHA-256 of each picture, as its bytes have it."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.png")}


def stored_hashes(customer: Customer) -> dict[str, str]:
    rows = customer.site.query(
        "SELECT p.file_name, p.sha256 FROM batches_prompt p JOIN batches_batch b ON b.id = p.batch_id "
        f"JOIN accounts_user u ON u.id = b.user_id WHERE u.email = '{customer.email}'"
    )
    return dict(rows)


def example(program: Any, language: str, commands: Any) -> list[str]:
    """Return the command line of an example; skips the test where its language is missing."""
    if not shutil.which(commands[language]):
        pytest.skip(f"there is no {commands[language]}")
    return [commands[language], str(ROOT / "clients/examples" / f"{program}.{language}")]


@pytest.fixture
def start_receiver(customer: Customer, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Return what starts an example of a receiver, which the customer's account then tells."""
    processes = []

    def start(language: str) -> Any:
        port = free_port()
        command = [*example("webhook", language, WEBHOOK), str(port)]
        environment = {**programs.BARE, "IIB_WEBHOOK_SECRET": SECRET}
        process = Process("receiver", command, environment, tmp_path / "log").start()
        processes.append(process)
        customer.act(f"listen({customer.email!r}, 'http://{HOST}:{port}/', {SECRET!r})")
        return process.wait_until(lambda: answers(f"http://{HOST}:{port}"))

    yield start
    for process in processes:
        process.stop()


def test_the_client_turns_a_list_into_a_folder(customer: Customer, start_worker: StartWorker, tmp_path: Path) -> None:
    start_worker()
    (tmp_path / "list.csv").write_text("prompt,name,format\ncat,tom,\ndog,rex,png\n")
    environment = programs.environment_of(customer)
    programs.run(programs.iib("run", "list.csv", "--out", "out", "--title", customer.title), environment, tmp_path)
    assert sorted(hashes(tmp_path / "out")) == ["rex.png", "tom.png"]
    assert hashes(tmp_path / "out") == stored_hashes(customer)
    header, *_rows = (tmp_path / "out" / "manifest.csv").read_text("utf-8-sig").splitlines()
    assert header == ",".join(MANIFEST_COLUMNS)


def test_after_ctrl_c_the_client_goes_on_with_the_same_batch(
    upstream: Upstream, customer: Customer, start_worker: StartWorker, tmp_path: Path
) -> None:
    upstream.set(delay_seconds=1.5)
    start_worker()
    (tmp_path / "list.txt").write_text("\n".join(f"{customer.title} {n}" for n in range(6)))
    environment = programs.environment_of(customer)
    command = programs.iib("run", "list.txt", "--out", "out", "--title", customer.title)
    with subprocess.Popen(command, env=environment, cwd=tmp_path, preexec_fn=programs.take_ctrl_c) as process:
        wait_for(lambda: list((tmp_path / "out").glob("*.png")), what="a first picture")
        upstream.set(delay_seconds=LONG)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 130
    assert 1 <= len(hashes(tmp_path / "out")) < 6
    upstream.set(delay_seconds=0)
    programs.run(programs.iib("resume", "out"), environment, tmp_path)
    assert customer.batch_statuses() == {"finished": 1}
    assert len(customer.calls()) == 6
    assert hashes(tmp_path / "out") == stored_hashes(customer)


@pytest.mark.parametrize("language", BATCH)
def test_an_example_does_the_whole_job(
    language: Any, customer: Customer, start_worker: StartWorker, tmp_path: Path
) -> None:
    command = example("batch", language, BATCH)
    start_worker()
    programs.run([*command, "out"], programs.environment_of(customer), tmp_path)
    assert sorted(hashes(tmp_path / "out")) == PICTURES
    assert hashes(tmp_path / "out") == stored_hashes(customer)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [*PICTURES, "manifest.csv"]


@pytest.mark.parametrize("language", WEBHOOK)
def test_an_example_accepts_only_signed_webhooks(
    language: Any, customer: Customer, start_receiver: Callable[[str], Any], start_worker: StartWorker
) -> None:
    receiver = start_receiver(language)
    customer.submit([f"{customer.title} cat"])
    start_worker()
    # It prints what was signed with its secret, and nothing else.
    wait_for(lambda: "batch.finished" in receiver.tail(), what="a message that is believed")
