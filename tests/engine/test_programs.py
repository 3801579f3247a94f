"""Customers' programs against a running site: the command line client, and the examples as they stand."""

import hashlib
import shutil
import signal
import subprocess
import sys
import zipfile

import pytest

from tests.engine import programs
from tests.processes import ROOT, wait_for

EXAMPLES = {"sh": "bash", "py": sys.executable, "mjs": "node"}
PICTURES = ["a lighthouse at dawn.png", "fox.png"]


def hashes(folder):
    """Return name and SHA-256 of each picture, as its bytes have it."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.png")}


def stored_hashes(customer):
    rows = customer.site.query(
        "SELECT p.file_name, p.sha256 FROM batches_prompt p JOIN batches_batch b ON b.id = p.batch_id "
        f"JOIN accounts_user u ON u.id = b.user_id WHERE u.email = '{customer.email}'"
    )
    return dict(rows)


def test_the_client_turns_a_list_into_a_folder(customer, start_worker, tmp_path):
    start_worker()
    (tmp_path / "list.csv").write_text("prompt,name,format\ncat,tom,\ndog,rex,png\n")
    environment = programs.environment_of(customer)
    programs.run(programs.iib("run", "list.csv", "--out", "out", "--title", customer.title), environment, tmp_path)
    assert sorted(hashes(tmp_path / "out")) == ["rex.png", "tom.png"]
    assert hashes(tmp_path / "out") == stored_hashes(customer)
    assert (tmp_path / "out" / "manifest.csv").exists()


def test_after_ctrl_c_the_client_goes_on_with_the_same_batch(upstream, customer, start_worker, tmp_path):
    upstream.set(delay_seconds=0.7)
    start_worker()
    (tmp_path / "list.txt").write_text("\n".join(f"{customer.title} {n}" for n in range(6)))
    environment = programs.environment_of(customer)
    command = programs.iib("run", "list.txt", "--out", "out", "--title", customer.title)
    with subprocess.Popen(command, env=environment, cwd=tmp_path) as process:
        wait_for(lambda: list((tmp_path / "out").glob("*.png")), what="a first picture")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert 1 <= len(hashes(tmp_path / "out")) < 6
    programs.run(programs.iib("resume", "out"), environment, tmp_path)
    assert customer.batch_statuses() == {"finished": 1}
    assert len(customer.calls()) == 6
    assert hashes(tmp_path / "out") == stored_hashes(customer)


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_does_the_whole_job(language, customer, start_worker, tmp_path):
    program = EXAMPLES[language]
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")
    start_worker()
    file = str(ROOT / "clients/examples" / f"batch.{language}")
    programs.run([program, file, "out"], programs.environment_of(customer), tmp_path)
    assert sorted(hashes(tmp_path / "out")) == PICTURES
    assert hashes(tmp_path / "out") == stored_hashes(customer)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [*PICTURES, "manifest.csv"]
