"""No room for images, or no place."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from tests.faults.trial import Trial


def full_disk(trial: Trial, *, batches: int, prompts: int) -> None:
    """Fill the disk to its last byte."""
    disk = trial.media.parent
    if not os.path.ismount(disk):
        trial.remarks.append("not tried: file systems can't be mounted here")
        return
    filler = disk / "filler"

    def fill() -> None:
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1024 * 1024))

    _outage(trial, fill, filler.unlink, batches, prompts)


def no_storage(trial: Trial, *, batches: int, prompts: int) -> None:
    """Take the folder of images away, as a network drive goes."""
    elsewhere = trial.media.with_name("elsewhere")

    def take_away() -> None:
        trial.media.rename(elsewhere)
        # A file in its place: a folder would be made anew.
        trial.media.touch()

    def give_back() -> None:
        trial.media.unlink()
        elsewhere.rename(trial.media)

    _outage(trial, take_away, give_back, batches, prompts)


def _outage(trial: Trial, begin: Callable[[], object], end: Callable[[], object], batches: int, prompts: int) -> None:
    trial.submit_numbered(batches, prompts)
    trial.start_workers(2)
    trial.wait_for_ended(batches)
    begin()
    try:
        trial.wait(lambda: _held_batches(trial) == batches, "not all batches are on hold for the storage")
    finally:
        end()
    # The holds end by themselves after half a minute.
    trial.act(f"let_hours_pass({trial.email!r}, {timedelta(minutes=1) / timedelta(hours=1)})")
    trial.wait_until_finished()


def _held_batches(trial: Trial) -> int:
    held = "status = 'waiting' AND waiting_reason = 'storage'"
    return trial.count(f"batches_batch WHERE title = '{trial.title}' AND {held}")
