"""After an interruption of any kind: one batch, and no image twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fake_site import KEY, NOT_FOUND, FakeSite, Fault

from conftest import Command
from iib import files, jobs
from iib.failures import ExitCode
from iib.site_client import Site

#: However slow the machine is.
PATIENCE_SECONDS = 180


def downloads(site: FakeSite) -> list[str]:
    return sorted(request[1] for request in site.requests if "/images/" in request[1])


def start_process(site: FakeSite, folder: Path, *options: Any) -> subprocess.Popen[str]:
    """Run `iib` in a process of its own until it has saved an image of a batch that does not end."""
    site.most_images = 1
    command = [sys.executable, "-m", "iib", "run", "prompts.txt", "--out", str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "01.png").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def _heed_ctrl_c() -> None:
    # What a shell starts in the background ignores it, tests and all.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_what_resume_needs(iib: Command, site: FakeSite, number: Any) -> None:
    (iib.folder.parent / "prompts.txt").write_text("cat\ndog\nowl\n")
    process = start_process(site, iib.folder)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == ExitCode.INTERRUPTED
    assert f"iib resume {iib.folder}" in err
    assert "Traceback" not in err
    site.most_images = 3
    assert iib("resume", iib.folder) == 0
    assert len(site.batches) == 1
    assert len(downloads(site)) == len(set(downloads(site))) == 3


def test_ctrl_c_while_it_is_loading_shows_no_traceback() -> None:
    code = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "iib.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from iib.__main__ import main
sys.exit(main())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (ExitCode.INTERRUPTED, "")


def test_ctrl_c_can_cancel_the_rest(iib: Command, site: FakeSite) -> None:
    (iib.folder.parent / "prompts.txt").write_text("cat\ndog\nowl\n")
    process = start_process(site, iib.folder, "--cancel-on-interrupt")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == ExitCode.INTERRUPTED
    assert site.batches["b1"]["status"] == "cancelled"


def test_the_same_command_again_goes_on(iib: Command, site: FakeSite) -> None:
    site.faults.append(Fault("batches/b1/images/2", 404))
    assert iib.run() == ExitCode.SOME_FAILED
    assert iib.run() == 0
    assert len(site.batches) == 1
    assert downloads(site).count("/api/v1/batches/b1/images/1") == 1


def lose_the_first_answer(site: FakeSite) -> None:
    """Carry out the first request that submits, and answer as a proxy that has lost sight of the site."""
    create, lost = site.create, []

    def answer(order: dict[str, Any], is_dry_run: bool, key: str | None) -> Any:
        answer = create(order, is_dry_run, key)
        if is_dry_run or lost:
            return answer
        lost.append(key)
        return 502, {"title": "Bad gateway"}, {}

    site.create = answer


def test_an_answer_lost_after_the_batch_was_made_costs_nothing_twice(iib: Command, site: FakeSite) -> None:
    lose_the_first_answer(site)
    assert iib.run() == 0
    submissions = [request for request in site.requests if request[:3] == ("POST", "/api/v1/batches", "")]
    assert len(submissions) == 2
    assert len(site.batches) == 1


def test_a_process_killed_before_the_answer_finds_its_batch_again(
    iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = Site.submit

    def killed(self: Site, order: dict[str, Any], key: str | None) -> None:
        submit(self, order, key)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Site, "submit", killed)
        assert iib.run() == ExitCode.INTERRUPTED
    assert json.loads((iib.folder / jobs.STATE_FILE).read_text())["batch_id"] == ""
    assert iib("resume", iib.folder) == 0
    assert len(site.batches) == 1


def test_a_refused_order_leaves_no_key_behind(iib: Command, site: FakeSite) -> None:
    refuse_submission(site, 402)
    assert iib.run() == ExitCode.NOT_ENOUGH_CREDITS
    assert not (iib.folder / jobs.STATE_FILE).exists()


def test_a_refused_key_leaves_the_order_for_later(iib: Command, site: FakeSite) -> None:
    refuse_submission(site, 401)
    assert iib.run() == ExitCode.NOT_ALLOWED
    assert (iib.folder / jobs.STATE_FILE).exists()


def test_a_proxy_without_the_site_leaves_the_order_for_later(iib: Command, site: FakeSite) -> None:
    create, answers = site.create, iter([NOT_FOUND])

    def answer(order: dict[str, Any], is_dry_run: bool, key: str | None) -> Any:
        made = create(order, is_dry_run, key)
        return made if is_dry_run else next(answers, made)

    site.create = answer
    assert iib.run() == ExitCode.USAGE
    assert iib.run() == 0
    assert len(site.batches) == 1


def refuse_submission(site: FakeSite, status: int) -> None:
    create = site.create
    site.create = lambda order, is_dry_run, key: (
        create(order, is_dry_run, key) if is_dry_run else (status, {"title": "No"}, {})
    )


def test_failed_images_can_be_made_again(iib: Command, site: FakeSite) -> None:
    site.failing = {1: {"code": "upstream_error", "message": "It was down."}}
    assert iib.run("cat\n") == ExitCode.SOME_FAILED
    site.failing = {}
    assert iib("resume", iib.folder, "--retry-failed") == 0


def test_an_image_that_is_retried_meanwhile_is_saved(iib: Command, site: FakeSite) -> None:
    site.images_a_poll = 1
    site.failing = {1: {"code": "refused", "message": "Try another wording."}}
    shown = site.shown

    def retried(batch: dict[str, Any]) -> Any:
        if batch["made"] == 3:
            site.failing = {}
        return shown(batch)

    site.shown = retried
    assert iib.run() == 0
    assert iib.files() == ["01.png", "02.png", "03.png", "manifest.csv"]


def test_nothing_to_make_again_is_no_fault(iib: Command, site: FakeSite) -> None:
    iib.run("cat\n")
    site.faults.append(Fault("batches/b1/retry", 409, {"title": "The batch is finished."}))
    assert iib("resume", iib.folder, "--retry-failed") == 0


def test_another_list_in_the_same_folder_is_refused(iib: Command, site: FakeSite) -> None:
    iib.run("cat\n")
    assert iib.run("dog\n") == ExitCode.USAGE
    assert len(site.batches) == 1


def test_new_starts_another_batch(iib: Command, site: FakeSite) -> None:
    iib.run("cat\n")
    assert iib.run("cat\n", "--new", "--overwrite") == 0
    assert len(site.batches) == 2


def test_the_key_is_sent_to_no_site_that_a_folder_names(iib: Command, site: FakeSite) -> None:
    iib.run("cat\n")
    state = iib.folder / jobs.STATE_FILE
    state.write_text(state.read_text().replace(site.url, "http://127.0.0.1:9"))
    assert iib("resume", iib.folder) == ExitCode.USAGE
    assert "If you trust that site" in iib.printed().err


def test_an_unconfirmed_order_is_not_sent_with_another_key(
    iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_submission(site, 401)
    iib.run()
    monkeypatch.setenv("IIB_API_KEY", KEY.replace("abcdef", "fedcba"))
    assert iib("resume", iib.folder) == ExitCode.USAGE


def test_a_second_iib_in_one_folder_is_refused(iib: Command, site: FakeSite) -> None:
    iib.folder.mkdir()
    with files.locked(iib.folder):
        assert iib.run() == ExitCode.USAGE
    assert site.batches == {}


def test_an_edited_picture_is_not_replaced(iib: Command) -> None:
    iib.run("cat\n")
    (iib.folder / "01.png").write_text("edited")
    assert iib("resume", iib.folder) == ExitCode.SOME_FAILED
    assert (iib.folder / "01.png").read_text() == "edited"


def test_a_damaged_state_is_reported(iib: Command) -> None:
    iib.folder.mkdir()
    (iib.folder / jobs.STATE_FILE).write_text("{")
    assert iib("resume", iib.folder) == ExitCode.USAGE
    assert "is damaged" in iib.printed().err


def test_neither_state_nor_output_holds_the_key(iib: Command) -> None:
    iib.run()
    held = [path.read_bytes() for path in iib.folder.iterdir()]
    assert not any(KEY.encode() in content for content in held)
    assert KEY not in "".join(iib.printed())


def test_a_batch_that_was_deleted_on_the_site_is_named(iib: Command, site: FakeSite) -> None:
    iib.run()
    site.batches.clear()
    iib.printed()
    assert iib("resume", iib.folder) == ExitCode.USAGE
    assert "The site does not have the batch b1." in iib.printed().err
