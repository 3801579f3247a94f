"""The main job: submit a list once, save each image as it gets ready, go on after any interruption."""

import time
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

#: Without a word the client would seem to hang: such a batch can rest for a day.
_RESTING = {
    "paused": "The batch is paused; it goes on when somebody resumes it: {page}",
    "waiting": "The batch is on hold; its page says why, and when it goes on: {page}",
}


def submit(site: Site, job: Job, folder: Path) -> bool:
    """Give the job its batch, and return whether that took a request: an order is sent until its answer is stored.

    A refused order is forgotten: the site made nothing, and would give the same answer to the same Idempotency-Key
    though the reason were gone. A refused key proves nothing about an earlier attempt, so then the job stays.
    """
    if job.batch_id:
        return False
    job.save(folder)
    try:
        job.batch_id = site.submit(job.order, job.idempotency_key)
    except (UsageFailure, NotEnoughCredits):
        jobs.forget(folder)
        raise
    job.save(folder)
    return True


def check_affordable(bill: Bill) -> None:
    """Refuse a list that costs more than there is."""
    if bill.credits_needed > bill.credits_left:
        raise NotEnoughCredits(f"The list needs {bill.credits_needed} credits; {bill.credits_left} are left.")


def check_names_free(bill: Bill, folder: Path) -> None:
    """Refuse, before anything is paid, a list whose names the folder has already."""
    if taken := [name for name in bill.names if files.place_of(folder, name).exists()]:
        raise UsageFailure(f"{folder} has files of these names already; --overwrite replaces them.", taken)


def check_same(job: Job, order: dict[str, Any]) -> None:
    """Refuse another list in a folder that has a batch."""
    if not job.is_for(order):
        raise UsageFailure("The folder has a batch of another list. Use another folder, or --new.")


def check_site(job: Job, url: str) -> None:
    """Refuse to ask another site, and to take a folder's word for where the key may be sent."""
    if job.url != url:
        raise UsageFailure(f"The folder's batch is at {job.url}. If you trust that site: --url {job.url}")


def check_key(job: Job, key_id: str) -> None:
    """Refuse to send an order again with another key: the site would take it for a new one."""
    if not job.batch_id and job.key_id != key_id:
        raise UsageFailure(f"The order was sent with the key iib_{job.key_id}_…, maybe in vain. Use that, or --new.")


@dataclass
class Run:
    """One batch on its way into one folder."""

    site: Site
    job: Job
    folder: Path
    screen: Lines
    overwrite: bool = False
    _saved: set[int] = field(default_factory=set)
    _lost: set[int] = field(default_factory=set)
    _batch: Batch | None = None

    @property
    def page(self) -> str:
        """Return the address of the batch's page."""
        return f"{self.site.url}/batches/{self.job.batch_id}/"

    def follow(self) -> ExitCode:
        """Save images until no more can come; return whether all are here."""
        pace = Pace()
        try:
            while True:
                batch = self._look()
                has_news = self._save_new(batch)
                done = len(self._saved | self._lost)
                self.screen.progress(self._standing(batch, pace.seconds_left(done, batch.total)))
                if batch.is_over:
                    break
                time.sleep(pace.next_seconds(has_news=has_news, total=batch.total))
        finally:
            self.write_manifest()
        self.screen.over(self._standing(batch), str(self.folder))
        return ExitCode.ALL_READY if len(self._saved) == batch.total else ExitCode.SOME_FAILED

    def _look(self) -> Batch:
        """Return how far the batch is, and say so if it has come to rest."""
        before, self._batch = self._batch, self.site.batch(self.job.batch_id)
        status = self._batch.status
        if status in _RESTING and (before is None or before.status != status):
            self.screen.remark(_RESTING[status].format(page=self.page))
        return self._batch

    def write_manifest(self) -> None:
        """Write how things stand, if anything is known."""
        if self._batch is not None:
            files.write_atomically(self.folder / manifest.FILE, manifest.as_csv(self._batch, self.job.order))
            files.open_to_all(self.folder / manifest.FILE)

    def _standing(self, batch: Batch, seconds_left: float | None = None) -> Standing:
        return Standing(len(self._saved), batch.count("failed"), batch.total, batch.status, seconds_left)

    def _save_new(self, batch: Batch) -> bool:
        """Save or give up what has come to its end since the last look; return whether there was any."""
        new = [image for image in batch.images if not image.is_open and image.position not in self._saved | self._lost]
        for image in new:
            self._settle(image, batch)
        return bool(new)

    def _settle(self, image: Image, batch: Batch) -> None:
        reason = self._save(image)
        if reason:
            self._lost.add(image.position)
            self.screen.lost(image, reason)
        else:
            self._saved.add(image.position)
            self.screen.saved(image, self._standing(batch))

    def _save(self, image: Image) -> str:
        """Return why the image is not in the folder; empty when it is."""
        if image.status in ("failed", "cancelled"):
            return image.error_message or "cancelled."
        place = files.place_of(self.folder, image.name)
        here = files.sha256_of(place)
        if here is not None and here == image.sha256:
            return ""
        if place.exists() and not self.overwrite:
            return "another file has its name and was kept; --overwrite replaces it."
        if not image.is_on_server:
            return "it is no longer on the server."
        return self._download(image, place)

    def _download(self, image: Image, place: Path) -> str:
        try:
            with files.written_atomically(place) as file:
                self.site.download(self.job.batch_id, image, file)
            files.open_to_all(place)
        except NotFound:
            return "it is no longer on the server."
        return ""
