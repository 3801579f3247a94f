"""Images from reference photos."""

import json
from pathlib import Path

import pytest
from fake_site import FakeSite

from conftest import Command


@pytest.fixture
def photo() -> Path:
    """A photo in the current folder."""
    path = Path("me.jpg")
    path.write_bytes(b"a photo")
    return path


def orders(site: FakeSite) -> list[dict]:
    sent = [(method, path, body) for method, path, _query, _headers, body in site.requests]
    return [json.loads(body) for method, path, body in sent if (method, path) == ("POST", "/api/v1/batches")]


def test_photos_are_uploaded_and_named_in_the_order(iib: Command, site: FakeSite, photo: Path) -> None:
    assert iib.run("cat\n", "--photo", photo, "--photo", photo.rename("you.jpg")) == 2
    assert iib.run("cat\n", "--photo", "you.jpg") == 0
    uploads = [request for request in site.requests if request[1] == "/api/v1/references"]
    assert len(uploads) == 1
    assert b'filename="you.jpg"' in uploads[0][4]
    assert [order["references"] for order in orders(site)] == [["photo-1"]] * 2


def test_the_same_command_again_uploads_and_pays_nothing(iib: Command, site: FakeSite, photo: Path) -> None:
    iib.run("cat\n", "--photo", photo)
    count = len(orders(site))
    assert iib.run("cat\n", "--photo", photo) == 0
    assert len(orders(site)) == count


def test_another_photo_in_the_same_folder_is_refused(iib: Command, site: FakeSite, photo: Path) -> None:
    iib.run("cat\n", "--photo", photo)
    photo.write_bytes(b"another photo")
    assert iib.run("cat\n", "--photo", photo) == 2
    assert "another list" in iib.printed().err


def test_a_dry_run_leaves_no_photo(iib: Command, site: FakeSite, photo: Path) -> None:
    assert iib.run("cat\n", "--photo", photo, "--dry-run") == 0
    assert ("DELETE", "/api/v1/references/photo-1") in [request[:2] for request in site.requests]


def test_photos_that_the_site_has_deleted_are_uploaded_again(iib: Command, site: FakeSite, photo: Path) -> None:
    iib.run("cat\n", "--photo", photo)
    assert iib("photos", iib.folder, photo) == 0
    method, path, _query, _headers, body = site.requests[-1]
    assert (method, path) == ("PUT", "/api/v1/batches/b1/references")
    assert json.loads(body)["references"][0].startswith("photo-")
