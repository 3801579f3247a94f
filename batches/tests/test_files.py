"""Files of images that are not booked yet, on a disk that is full or unavailable."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.utils import timezone

from batches.models import Prompt
from batches.pictures.finish import Picture, finish
from batches.runs import files
from tests.cast import png

Delays = list[float]


@pytest.fixture
def prompt() -> Prompt:
    """A prompt whose call is in flight."""
    return Prompt(batch_id=uuid4(), position=3, format="png", ratio="1:1", started_at=timezone.now())


@pytest.fixture
def picture() -> Picture:
    return finish(png(), format="png", ratio="1:1")


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> Delays:
    """Do not wait, and note for how long it would have."""
    waited: Delays = []
    monkeypatch.setattr(files.time, "sleep", waited.append)
    return waited


@contextmanager
def full_disk() -> Iterator[None]:
    """Let the kernel refuse more than the first bytes of each file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def stored() -> list[str]:
    return [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_an_image_is_stored_when_there_is_room_again(
    prompt: Prompt, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[str] = []
    with full_disk():
        free = resource.RLIM_INFINITY
        monkeypatch.setattr(files.time, "sleep", lambda _: resource.setrlimit(resource.RLIMIT_FSIZE, (free, free)))
        name = files.store(prompt, picture, lambda: failures.append("full"))
    assert default_storage.size(name) == len(picture.data)
    assert failures == ["full"]


def test_storing_is_given_up_after_about_ten_minutes_and_leaves_nothing(
    prompt: Prompt, picture: Picture, delays: Delays
) -> None:
    with full_disk(), pytest.raises(OSError, match="File too large"):
        files.store(prompt, picture, lambda: None)
    assert 500 < sum(delays) < 700
    assert stored() == []


def test_a_whole_file_of_the_last_call_is_found(prompt: Prompt, picture: Picture) -> None:
    name = files.store(prompt, picture, lambda: None)
    assert files.find(prompt) == (name, picture)


def truncate(name: str) -> None:
    path = Path(default_storage.path(name))
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(truncate, id="half a file"),
        pytest.param(lambda name: Path(default_storage.path(name)).write_bytes(b""), id="an empty file"),
        pytest.param(default_storage.delete, id="no file"),
    ],
)
def test_a_file_that_is_not_whole_is_not_used(prompt: Prompt, picture: Picture, spoil: Callable[[str], None]) -> None:
    spoil(files.store(prompt, picture, lambda: None))
    assert files.find(prompt) is None


@pytest.mark.parametrize("change", [{"position": 33}, {"started_at": timezone.now() + timedelta(seconds=1)}])
def test_a_file_of_another_prompt_or_of_an_earlier_call_is_not_used(
    prompt: Prompt, picture: Picture, change: dict[str, object]
) -> None:
    files.store(prompt, picture, lambda: None)
    for name, value in change.items():
        setattr(prompt, name, value)
    assert files.find(prompt) is None


def test_a_storage_with_room_takes_files_and_keeps_none() -> None:
    assert files.has_room()
    assert stored() == []


def test_a_storage_that_is_nearly_full_is_no_place_for_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LEAST_FREE_BYTES", 1 << 62)
    assert not files.has_room()


def test_a_storage_that_is_unavailable_is_no_place_for_images() -> None:
    Path(settings.MEDIA_ROOT).write_bytes(b"where a folder should be mounted")
    assert not files.has_room()


def test_a_storage_that_cannot_say_how_full_it_is_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_path(self: object, name: str) -> str:
        raise NotImplementedError

    default_storage.save("first", ContentFile(b""))
    monkeypatch.setattr(type(storages["default"]), "path", no_path)
    monkeypatch.setattr(type(storages["default"]), "save", lambda *_: "probe")
    monkeypatch.setattr(type(storages["default"]), "delete", lambda *_: None)
    assert files.has_room()
