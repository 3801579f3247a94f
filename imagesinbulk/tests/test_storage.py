"""What the site expects of any storage, asked of a disk and of S3-compatible storage."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.utils import timezone

from imagesinbulk.config.storage import image_storage
from tests.object_storage import BUCKET, ObjectStorage, object_storage
from tests.ports import HOST

IMAGE = bytes(range(256)) * 40_000
NAME = "images/a-batch/1-20261130.png"


@pytest.fixture(scope="module")
def running_bucket() -> Iterator[ObjectStorage]:
    with object_storage() as running:
        yield running


@pytest.fixture
def bucket(running_bucket: ObjectStorage) -> Iterator[ObjectStorage]:
    yield running_bucket
    if running_bucket.server is None:
        running_bucket.start()


def shared_storage(port: int) -> Storage:
    keys = {"access_key": "any", "secret_key": "any", "region_name": "us-east-1"}
    options = image_storage(BUCKET, endpoint_url=f"http://{HOST}:{port}", **keys)["OPTIONS"]
    from imagesinbulk.backends.storage import SharedStorage

    return SharedStorage(**options)


@pytest.fixture(params=["disk", "S3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return FileSystemStorage(tmp_path)
    return shared_storage(request.getfixturevalue("bucket").port)


def test_a_file_is_read_as_it_was_saved(storage: Storage) -> None:
    name = storage.save(NAME, ContentFile(IMAGE))
    with storage.open(name) as file:
        assert file.read() == IMAGE
        file.seek(1_000)
        assert file.read(3) == IMAGE[1_000:1_003]
    assert storage.size(name) == len(IMAGE)
    assert abs(timezone.now() - storage.get_modified_time(name)) < timedelta(minutes=1)
    storage.delete(name)


def test_a_folder_is_listed(storage: Storage) -> None:
    name = storage.save(NAME, ContentFile(b"x"))
    assert storage.exists(name)
    assert "a-batch" in storage.listdir("images")[0]
    assert storage.listdir("images/a-batch")[1] == [Path(name).name]
    storage.delete(name)


def test_a_deleted_file_is_gone(storage: Storage) -> None:
    name = storage.save(NAME, ContentFile(b"x"))
    storage.delete(name)
    assert not storage.exists(name)
    for act in (storage.open, storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            act(name)


def test_deleting_twice_or_an_empty_folder_is_no_error(storage: Storage) -> None:
    name = storage.save(NAME, ContentFile(b"x"))
    for gone in (name, name, "images/a-batch"):
        storage.delete(gone)


def test_all_threads_share_one_client(bucket: ObjectStorage) -> None:
    storage = shared_storage(bucket.port)
    with ThreadPoolExecutor() as threads:
        other = threads.submit(lambda: storage.connection).result()
    assert other is storage.connection


@pytest.mark.parametrize("act", ["save", "open", "delete", "exists", "listdir", "get_modified_time"])
def test_an_outage_is_an_error_of_the_operating_system(bucket: ObjectStorage, act: str) -> None:
    storage = shared_storage(bucket.port)
    bucket.stop()
    with pytest.raises(OSError, match="S3") as raised:
        getattr(storage, act)(NAME, *([ContentFile(b"x")] if act == "save" else []))
    assert not isinstance(raised.value, FileNotFoundError)


def test_a_missing_bucket_is_not_taken_for_a_missing_file(bucket: ObjectStorage) -> None:
    storage = shared_storage(bucket.port)
    storage.bucket_name = "nowhere"
    with pytest.raises(OSError, match="NoSuchBucket") as raised:
        storage.open(NAME)
    assert not isinstance(raised.value, FileNotFoundError)
