"""`iib run`: from a list to a folder."""

import csv
import io
import json
from typing import Any

import pytest
from fake_site import FakeSite, Fault, picture

from conftest import Command
from iib.failures import ExitCode


def test_a_list_becomes_a_folder_of_pictures(iib: Command, site: FakeSite) -> None:
    assert iib.run() == 0
    assert iib.files() == ["01.png", "02.png", "03.png", "manifest.csv"]
    assert [(iib.folder / f"0{n}.png").read_bytes() for n in (1, 2, 3)] == [picture(n) for n in (1, 2, 3)]
    assert len(site.batches) == 1


def test_the_choices_go_with_the_order_and_no_others(iib: Command, site: FakeSite) -> None:
    iib.run("cat\n", "--style", "in oil", "--ratio", "16:9", "--webhook-url", "https://example.org/hook")
    order = site.batches["b1"]["order"]
    assert order == {
        "prompts": ["cat"], "style": "in oil", "ratio": "16:9", "webhook_url": "https://example.org/hook",
    }  # fmt: skip


def test_a_dry_run_shows_bill_and_names_and_starts_nothing(iib: Command, site: FakeSite) -> None:
    (iib.folder.parent / "list.txt").write_text("cat\ndog")
    assert iib("run", "list.txt", "--dry-run") == 0
    assert iib.printed().out == "   1  01.png\n   2  02.png\n2 images, 2 of 100 credits, about 24 s.\n"
    assert site.batches == {}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"credits_left": 0}, ExitCode.NOT_ENOUGH_CREDITS),
        ({"refusal": {"code": "too_many_starts", "message": "Ten lists an hour."}}, ExitCode.NOT_ALLOWED),
    ],
)
def test_a_dry_run_says_whether_it_could_start(iib: Command, site: FakeSite, state: Any, code: Any) -> None:
    (iib.folder.parent / "list.txt").write_text("cat")
    vars(site).update(state)
    assert iib("run", "list.txt", "--dry-run") == code


def test_plain_lines_name_each_image(iib: Command) -> None:
    iib.run("cat\ndog\n")
    assert iib.printed().out == "1/2 01.png\n2/2 02.png\n"


def test_json_is_one_object_a_line(iib: Command) -> None:
    iib.run("cat\n", "--json")
    events = [json.loads(line) for line in iib.printed().out.splitlines()]
    assert [event["event"] for event in events] == ["started", "saved", "over"]
    assert events[-1]["saved"] == 1


def test_the_manifest_has_a_row_for_each_prompt(iib: Command, site: FakeSite) -> None:
    site.failing = {2: {"code": "refused", "message": "It was refused."}}
    iib.run("cat\n=dog\n", "--ratio", "1:1")
    rows = list(csv.DictReader(io.StringIO((iib.folder / "manifest.csv").read_text(encoding="utf-8-sig"))))
    assert [(row["prompt"], row["file"], row["status"], row["error"]) for row in rows] == [
        ("cat", "01.png", "ready", ""), ("'=dog", "02.png", "failed", "refused"),
    ]  # fmt: skip
    assert rows[0]["ratio"] == "1:1"


def test_a_failed_image_stops_no_other_and_shows_in_the_exit_code(iib: Command, site: FakeSite) -> None:
    site.failing = {1: {"code": "refused", "message": "It was refused."}}
    assert iib.run() == ExitCode.SOME_FAILED
    assert iib.files() == ["02.png", "03.png", "manifest.csv"]
    assert "No. 1 01.png: It was refused." in iib.printed().err


def test_a_batch_cancelled_on_the_site_ends_the_run(iib: Command, site: FakeSite) -> None:
    poll = site.of_batch
    site.of_batch = lambda batch, *request: batch.update(status="cancelled") or poll(batch, *request)
    assert iib.run() == ExitCode.SOME_FAILED
    assert iib.files() == ["manifest.csv"]


@pytest.mark.parametrize(("status", "words"), [("paused", "is paused"), ("waiting", "is on hold")])
def test_a_batch_that_rests_is_reported_once(iib: Command, site: FakeSite, status: str, words: str) -> None:
    polls, poll = iter([status, status, status]), site.of_batch
    site.of_batch = lambda batch, *request: batch.update(status=next(polls, "running")) or poll(batch, *request)
    assert iib.run() == 0
    assert iib.printed().err.count(words) == 1


def test_a_batch_that_has_not_changed_is_not_sent_again(iib: Command, site: FakeSite) -> None:
    polls, poll, answers = iter(["paused"] * 3), site.of_batch, []

    def noted(batch: dict[str, Any], *request: Any) -> Any:
        batch["status"] = next(polls, "running")
        answers.append(poll(batch, *request))
        return answers[-1]

    site.of_batch = noted
    assert iib.run() == 0
    assert [status for status, _, _ in answers[:4]] == [200, 304, 304, 200]
    assert iib.files() == ["01.png", "02.png", "03.png", "manifest.csv"]


def test_too_few_credits_start_nothing(iib: Command, site: FakeSite) -> None:
    site.credits_left = 2
    assert iib.run() == ExitCode.NOT_ENOUGH_CREDITS
    assert "needs 3 credits; 2 are left" in iib.printed().err
    assert site.batches == {}


def test_what_the_site_refuses_is_reported_with_the_line_of_the_file(iib: Command, site: FakeSite) -> None:
    errors = [{"row": 2, "message": "The ratio is not on offer."}]
    site.faults.append(Fault("batches", 422, {"title": "Invalid", "detail": "The list has faults.", "errors": errors}))
    assert iib.run("prompt,ratio\ncat,1:1\n\ndog,2:1\n", name="list.csv") == ExitCode.USAGE
    assert "Prompt 2 (line 4): The ratio is not on offer." in iib.printed().err


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "a\\b.png", ".bashrc", "run.sh", "c:evil.png", ""])
def test_a_name_that_leaves_the_folder_is_not_written(iib: Command, site: FakeSite, name: str) -> None:
    site.names = [name]
    assert iib.run("cat\n") == ExitCode.SERVER
    assert site.batches == {}
    assert iib.files() == []


@pytest.mark.parametrize("name", ["1 👩\u200d🚀.png", "می\u200cخواهم.png", "\U0001fae9.png", "½ cup.png"])
def test_every_name_of_the_site_is_a_file(iib: Command, site: FakeSite, name: str) -> None:
    site.names = [name]
    assert iib.run("cat\n") == 0
    assert (iib.folder / name).read_bytes() == picture(1)


def test_a_file_of_the_same_name_stays_and_nothing_is_paid(iib: Command, site: FakeSite) -> None:
    iib.folder.mkdir()
    (iib.folder / "02.png").write_text("mine")
    assert iib.run() == ExitCode.USAGE
    assert (iib.folder / "02.png").read_text() == "mine"
    assert site.batches == {}


def test_a_list_that_is_called_like_the_manifest_stays_and_nothing_is_paid(iib: Command, site: FakeSite) -> None:
    iib.folder.mkdir()
    name = iib.folder / "manifest.csv"
    assert iib.run("prompt,name\ncat,a\n", name=name) == ExitCode.USAGE
    assert "manifest.csv" in iib.printed().err
    assert name.read_text() == "prompt,name\ncat,a\n"
    assert site.batches == {}
    assert iib.run("prompt,name\ncat,a\n", "--overwrite", name=name) == 0


def test_overwrite_replaces_it(iib: Command) -> None:
    iib.folder.mkdir()
    (iib.folder / "02.png").write_text("mine")
    assert iib.run("cat\ndog\n", "--overwrite") == 0
    assert (iib.folder / "02.png").read_bytes() == picture(2)


def test_the_pictures_have_the_permissions_of_other_files(iib: Command) -> None:
    iib.run("cat\n")
    (iib.folder / "other").touch()
    assert (iib.folder / "01.png").stat().st_mode == (iib.folder / "other").stat().st_mode
