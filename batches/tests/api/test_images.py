"""The bytes of an image: whole, in part, unchanged, or gone."""

import hashlib

import pytest
from django.core.files.storage import default_storage

from batches.delivery import storage
from batches.models import Batch, Prompt
from tests.cast import deliver_next

from .conftest import Program

pytestmark = pytest.mark.any_database


@pytest.fixture
def prompt(batch: Batch) -> Prompt:
    """The first prompt, its image ready."""
    made = deliver_next(batch)
    made.batch = batch
    return made


@pytest.fixture
def data(prompt: Prompt) -> bytes:
    """The bytes of that image."""
    with default_storage.open(prompt.image) as file:
        return file.read()


def path(prompt: Prompt) -> str:
    return f"/batches/{prompt.batch_id}/images/{prompt.position}"


def test_an_image_is_sent_whole_with_its_hash_as_etag(alices: Program, prompt: Prompt) -> None:
    answer = alices("GET", path(prompt))
    assert hashlib.sha256(answer.getvalue()).hexdigest() == prompt.sha256
    assert answer.headers["ETag"] == f'"{prompt.sha256}"'
    assert (answer.headers["Accept-Ranges"], answer.headers["Content-Type"]) == ("bytes", "image/png")


@pytest.mark.parametrize(
    ("header", "first", "last"), [("bytes=0-9", 0, 9), ("bytes=10-", 10, None), ("bytes=-5", -5, None),
                                  ("bytes=0-0", 0, 0), ("BYTES=3-999999", 3, None)],
)  # fmt: skip
def test_a_part_is_sent(
    alices: Program, prompt: Prompt, data: bytes, header: str, first: int, last: int | None
) -> None:
    answer = alices("GET", path(prompt), Range=header)
    expected = data[first : None if last is None else last + 1]
    start = data.index(expected)
    assert (answer.status_code, answer.getvalue()) == (206, expected)
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(data)}"


@pytest.mark.parametrize("header", ["", "bytes=x", "bytes=9-3", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "x" * 500])
def test_what_is_no_single_range_gets_the_whole(alices: Program, prompt: Prompt, data: bytes, header: str) -> None:
    answer = alices("GET", path(prompt), Range=header)
    assert (answer.status_code, answer.getvalue()) == (200, data)


@pytest.mark.parametrize("header", ["bytes=999999-", "bytes=-0"])
def test_a_part_that_does_not_exist_is_416_with_the_size(
    alices: Program, prompt: Prompt, data: bytes, header: str
) -> None:
    answer = alices("GET", path(prompt), Range=header)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


@pytest.mark.parametrize(
    ("if_range", "status"), [("{}", 206), ('"other"', 200), ("Sat, 21 Nov 2026 10:00:00 GMT", 200)]
)
def test_a_download_goes_on_only_with_the_same_image(
    alices: Program, prompt: Prompt, if_range: str, status: int
) -> None:
    etag = if_range.format(f'"{prompt.sha256}"')
    answer = alices("GET", path(prompt), Range="bytes=1-", If_Range=etag)
    answer.getvalue()
    answer.close()
    assert answer.status_code == status


@pytest.mark.parametrize("seen", ["{}", "W/{}", '"x", {}', "*"])
def test_an_image_that_the_program_has_is_not_sent_again(alices: Program, prompt: Prompt, seen: str) -> None:
    answer = alices("GET", path(prompt), If_None_Match=seen.format(f'"{prompt.sha256}"'))
    assert (answer.status_code, answer.content) == (304, b"")


def test_head_returns_the_size_and_no_body(alices: Program, prompt: Prompt, data: bytes) -> None:
    answer = alices("HEAD", path(prompt), Range="bytes=0-9")
    assert (answer.status_code, answer.getvalue()) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(data))


def test_an_image_that_is_not_made_yet_is_404(alices: Program, batch: Batch) -> None:
    answer = alices("GET", f"/batches/{batch.pk}/images/2")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no image. Its status is waiting.")


def test_an_image_that_has_expired_is_410(alices: Program, prompt: Prompt) -> None:
    storage.expire(prompt)
    assert alices("GET", path(prompt)).status_code == 410


@pytest.mark.parametrize("position", ["0", "4", str(10**30), "-1", "x"])
def test_a_position_outside_of_the_list_is_404(alices: Program, batch: Batch, position: str) -> None:
    assert alices("GET", f"/batches/{batch.pk}/images/{position}").status_code == 404
