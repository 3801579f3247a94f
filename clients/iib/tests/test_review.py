"""Verdicts, further versions and edits."""

import json
from pathlib import Path

from fake_site import FakeSite

from conftest import Command


def test_only_the_kept_are_saved(iib: Command, site: FakeSite) -> None:
    iib.run("cat\ndog\nowl\n", "--style", "in oil")
    for name in ("01.png", "02.png", "03.png"):
        (iib.folder / name).unlink()
    assert iib("verdict", iib.folder, "keep", 1, 3) == 0
    assert site.verdicts == {"1": "keep", "3": "keep"}
    assert iib("resume", iib.folder, "--only-kept") == 0
    assert iib.files() == ["01.png", "03.png", "manifest.csv"]
    assert (iib.folder / "manifest.csv").read_text("utf-8-sig").splitlines()[1].endswith(",in oil,,1,keep,")


def test_a_verdict_is_taken_back(iib: Command, site: FakeSite) -> None:
    iib.run()
    iib("verdict", iib.folder, "reject", 2)
    iib("verdict", iib.folder, "undecided", 2)
    assert site.verdicts == {"2": ""}


def test_images_are_made_again(iib: Command, site: FakeSite) -> None:
    iib.run()
    assert iib("again", iib.folder, 1, 2, "--quality", "high") == 0
    sent = [request for request in site.requests if request[1].endswith("/again")]
    assert [(path, json.loads(body)) for _method, path, _query, _headers, body in sent] == [
        ("/api/v1/batches/b1/images/1/again", {"quality": "high"}),
        ("/api/v1/batches/b1/images/2/again", {"quality": "high"}),
    ]
    assert all(headers["Idempotency-Key"] for _method, _path, _query, headers, _body in sent)
    assert "No. 4 2_v2.png: started, 2 credits." in iib.printed().err


def test_an_image_is_edited_with_a_mask(iib: Command, site: FakeSite) -> None:
    iib.run()
    Path("sky.png").write_bytes(b"a mask")
    assert iib("edit", "b1", 2, "make the sky pink", "--mask", "sky.png") == 0
    _method, path, _query, headers, body = site.requests[-1]
    assert path == "/api/v1/batches/b1/images/2/edit"
    assert headers["Content-Type"].startswith("multipart/form-data")
    assert b"make the sky pink" in body
    assert b"a mask" in body
    assert "No. 4 2_v2.png: started, 1 credit." in iib.printed().err


def test_a_mask_that_is_not_there_is_wrong_usage(iib: Command, site: FakeSite) -> None:
    iib.run()
    assert iib("edit", "b1", 2, "make the sky pink", "--mask", "nowhere.png") == 2
    assert "nowhere.png cannot be read" in iib.printed().err


def test_an_image_is_used_for_the_rest(iib: Command, site: FakeSite) -> None:
    iib.run()
    assert iib("rest", iib.folder, 1, "--style", "--credits", 4) == 0
    _method, path, query, headers, body = site.requests[-1]
    assert (path, query) == ("/api/v1/batches/b1/images/1/rest", "")
    assert headers["Idempotency-Key"]
    assert b'name="style"\r\n\r\ntrue' in body
    assert "2 images are created from it too, for 4 credits more" in iib.printed().err


def test_what_it_would_cost_is_only_said(iib: Command, site: FakeSite) -> None:
    iib.run()
    assert iib("rest", "b1", 1, "--dry-run") == 0
    assert site.requests[-1][2] == "dry_run=true"
    assert "2 images would be created" in iib.printed().err
