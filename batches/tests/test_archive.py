"""The ZIP that the server streams to programs, and to browsers that can't store images."""

import csv
import io
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.delivery import storage
from batches.delivery.archive import NothingLeft, NothingReady, archive
from batches.models import Batch, Prompt
from tests.cast import MakeBatch, deliver_next, fail_next, png

pytestmark = pytest.mark.any_database


def unpacked(made: Any) -> zipfile.ZipFile:
    data = b"".join(made.chunks)
    assert len(data) == made.byte_count
    return zipfile.ZipFile(io.BytesIO(data))


def manifest_of(file: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read("manifest.csv").decode("utf-8-sig"))))


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Four prompts: one ready, one failed, one ready, one waiting."""
    batch = make_batch(alice, ["a cat", "a dog", "niño 🦊", "an owl"])
    deliver_next(batch, png(colour="salmon"))
    fail_next(batch)
    deliver_next(batch, png(colour="plum"))
    return batch


def test_the_images_come_in_list_order_with_their_names(batch: Batch) -> None:
    file = unpacked(archive(batch))
    assert file.testzip() is None
    assert file.namelist() == ["1 a cat.png", "3 niño 🦊.png", "manifest.csv"]
    assert file.read("3 niño 🦊.png") == png(colour="plum")


def test_nothing_is_compressed(batch: Batch) -> None:
    assert {entry.compress_type for entry in unpacked(archive(batch)).infolist()} == {zipfile.ZIP_STORED}


def test_the_manifest_lists_every_prompt(batch: Batch) -> None:
    rows = manifest_of(unpacked(archive(batch)))
    assert [(row["file"], row["status"], row["error"]) for row in rows] == [
        ("1 a cat.png", "ready", ""),
        ("2 a dog.png", "failed", "refused"),
        ("3 niño 🦊.png", "ready", ""),
        ("4 an owl.png", "waiting", ""),
    ]


def test_expired_images_are_only_in_the_manifest(batch: Batch) -> None:
    storage.expire(batch.prompts.get(position=1))
    file = unpacked(archive(batch))
    assert file.namelist() == ["3 niño 🦊.png", "manifest.csv"]
    assert manifest_of(file)[0]["status"] == "expired"


def test_without_a_ready_image_there_is_no_archive(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    with pytest.raises(NothingReady):
        archive(batch)
    fail_next(batch)
    with pytest.raises(NothingReady):
        archive(batch)


def test_when_all_images_have_expired_nothing_is_left(batch: Batch) -> None:
    for prompt in Prompt.objects.on_server():
        storage.expire(prompt)
    with pytest.raises(NothingLeft):
        archive(batch)


def test_a_file_that_vanishes_ends_the_download_early(batch: Batch) -> None:
    made = archive(batch)
    default_storage.delete(batch.prompts.get(position=3).image)
    with pytest.raises(FileNotFoundError):
        list(made.chunks)


def test_a_file_of_another_size_ends_the_download_early(batch: Batch) -> None:
    Prompt.objects.filter(position=1).update(byte_count=1)
    with pytest.raises(RuntimeError):
        list(archive(batch).chunks)


def test_fetching_deletes_nothing(batch: Batch) -> None:
    list(archive(batch).chunks)
    assert Prompt.objects.on_server().filter(confirmed_at=None).count() == 2


def test_no_query_is_made_while_it_is_sent(batch: Batch, django_assert_num_queries: Any) -> None:
    made = archive(batch)
    with django_assert_num_queries(0):
        list(made.chunks)


def test_a_browser_gets_the_zip_with_a_manifest_for_its_language(alices: Client, batch: Batch) -> None:
    response = alices.get(reverse("batches:zip", args=[batch.pk]), headers={"Accept-Language": "es"})
    data = response.getvalue()
    assert response.headers["Content-Disposition"] == 'attachment; filename="a cat.zip"'
    assert len(data) == int(response.headers["Content-Length"])
    manifest = zipfile.ZipFile(io.BytesIO(data)).read("manifest.csv")
    assert manifest.startswith(b"\xef\xbb\xbfposition;prompt;name;")


def test_a_zip_without_images_on_the_server_is_gone(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    assert alices.get(reverse("batches:zip", args=[make_batch(alice).pk])).status_code == 410
