"""Submits a list once, saves each image when it is ready, and continues after an interruption."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iib import files, jobs, manifest
from iib.answers import Batch, Bill, Image
from iib.failures import ExitCode, NotEnoughCredits, NotFound, UsageFailure
from iib.jobs import Job
from iib.pace import Pace
from iib.screens import Lines, Standing
from iib.site_client import Site

#: Such a batch may not change for a day: without a message the client would seem to hang.
_STOPPED = {
    "paused": "The batch is paused. Resume it to continue: {page}",
    "waiting": "The batch is on hold. Its page says why, and when it continues: {page}",
}


def submit(site: Site, job: Job, folder: Path) -> bool:
    """Submit the order unless the job has a batch; return whether it was submitted.

    The job of a refused order is removed, so that the folder can be used for another list. If the key is refused, the
    job stays, because an earlier attempt may have succeeded.
    """
    if job.batch_id:
        return False
    job.save(folder)
    try:
        job.batch_id = site.submit(job.order, job.idempotency_key)
    except NotFound:
        # Of a proxy: the API has no such answer to an order.
        raise
    except (UsageFailure, NotEnoughCredits):
        jobs.forget(folder)
        raise
    job.save(folder)
    return True


def check_affordable(bill: Bill) -> None:
    """Raise `NotEnoughCredits` for a list that costs too much."""
    if bill.credits_needed > bill.credits_left:
        raise NotEnoughCredits(f"The list needs {bill.credits_needed} credits; {bill.credits_left} are left.")


def check_names_free(bill: Bill, folder: Path) -> None:
    """Raise `UsageFailure` before anything is paid if the folder already has files with these names."""
    taken = [name for name in bill.names if files.place_of(folder, name).exists()]
    # That of an earlier batch of the folder is replaced.
    if not jobs.exists(folder) and (folder / manifest.FILE).exists():
        taken.append(manifest.FILE)
    if taken:
        raise UsageFailure(f"{folder} already has files with these names; --overwrite replaces them.", taken)


def check_same(job: Job, order: dict[str, Any], photos: Sequence[str]) -> None:
    """Refuse another list, or other photos, in a folder that has a batch."""
    if not job.is_for(order, photos):
        raise UsageFailure("The folder has a batch of another list. Use another folder, or --new.")


def check_site(job: Job, url: str) -> None:
    """Refuse another site than the job's. A folder must not decide where the key is sent."""
    if job.url != url:
        raise UsageFailure(f"The folder's batch is at {job.url}. If you trust that site: --url {job.url}")


def check_key(job: Job, key_id: str) -> None:
    """Refuse to repeat an order with another key: the site would treat it as a new order."""
    if not job.batch_id and job.key_id != key_id:
        raise UsageFailure(f"The order may have arrived with the key iib_{job.key_id}_…. Use that key, or --new.")


@dataclass
class Run:
    """Saves one batch to one folder."""

    site: Site
    job: Job
    folder: Path
    screen: Lines
    overwrite: bool = False
    only_kept: bool = False
    _saved: set[int] = field(default_factory=set)
    #: Position -> the status in which the image was given up.
    _lost: dict[int, str] = field(default_factory=dict)
    _batch: Batch | None = None

    @property
    def page(self) -> str:
        return f"{self.site.url}/batches/{self.job.batch_id}/"

    def follow(self) -> ExitCode:
        """Save images until no more can come; return whether all are saved."""
        pace = Pace()
        try:
            while True:
                batch = self._poll()
                has_news = self._save_new(batch)
                wanted = self._wanted(batch)
                done = sum(map(self._is_settled, wanted))
                self.screen.progress(self._standing(batch, pace.seconds_left(done, len(wanted))))
                if batch.is_over:
                    break
                time.sleep(pace.next_seconds(has_news=has_news, total=batch.total))
        finally:
            self.write_manifest()
        self.screen.over(self._standing(batch), str(self.folder))
        return ExitCode.ALL_READY if len(self._saved) == len(self._wanted(batch)) else ExitCode.SOME_FAILED

    def _wanted(self, batch: Batch) -> list[Image]:
        return [image for image in batch.images if not self.only_kept or image.verdict == "keep"]

    def _poll(self) -> Batch:
        """Poll the batch, and print a message if it was paused or put on hold."""
        before, self._batch = self._batch, self.site.batch(self.job.batch_id)
        status = self._batch.status
        if status in _STOPPED and (before is None or before.status != status):
            self.screen.remark(_STOPPED[status].format(page=self.page))
        return self._batch

    def write_manifest(self) -> None:
        """Write the manifest if the batch was polled."""
        if self._batch is not None:
            files.write_atomically(self.folder / manifest.FILE, manifest.as_csv(self._batch, self.job.order))
            files.apply_umask(self.folder / manifest.FILE)

    def _standing(self, batch: Batch, seconds_left: float | None = None) -> Standing:
        total = len(self._wanted(batch))
        return Standing(len(self._saved), batch.count("failed"), total, batch.status, seconds_left)

    def _save_new(self, batch: Batch) -> bool:
        """Save or give up the images that are finished since the last poll; return whether there were any."""
        new = [image for image in self._wanted(batch) if not image.is_open and not self._is_settled(image)]
        for image in new:
            self._settle(image, batch)
        return bool(new)

    def _is_settled(self, image: Image) -> bool:
        # A failed image can be retried on the site while the others are made.
        was_retried = self._lost.get(image.position) == "failed" != image.status
        return image.position in self._saved or (image.position in self._lost and not was_retried)

    def _settle(self, image: Image, batch: Batch) -> None:
        reason = self._save(image)
        if reason:
            self._lost[image.position] = image.status
            self.screen.lost(image, reason)
        else:
            self._saved.add(image.position)
            self.screen.saved(image, self._standing(batch))

    def _save(self, image: Image) -> str:
        """Return why the image is not in the folder; empty if it is."""
        if image.status in ("failed", "cancelled"):
            return image.error_message or "cancelled."
        place = files.place_of(self.folder, image.name)
        here = files.sha256_of(place)
        if here is not None and here == image.sha256:
            return ""
        if place.exists() and not self.overwrite:
            return "another file with its name exists; --overwrite replaces it."
        if not image.is_on_server:
            return "it is no longer on the server."
        return self._download(image, place)

    def _download(self, image: Image, place: Path) -> str:
        try:
            with files.written_atomically(place) as file:
                self.site.download(self.job.batch_id, image, file)
            files.apply_umask(place)
        except NotFound:
            return "it is no longer on the server."
        return ""
