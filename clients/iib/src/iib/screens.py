"""What a run shows: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

import json
import shutil
import sys
from dataclasses import dataclass, field
from typing import Any, TextIO

from iib.answers import Bill, Image
from iib.failures import Failure

_BAR_CHARACTERS = 30


@dataclass(frozen=True)
class Standing:
    """How far a run is: images saved here, failed and asked for; `seconds_left` is None while unknown."""

    saved: int
    failed: int
    total: int
    status: str
    seconds_left: float | None = None


@dataclass
class Lines:
    """Plain lines: results on standard output, remarks and faults on standard error."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def remark(self, sentence: str) -> None:
        """Say something beside the results."""
        self._print(self.err, sentence)

    def bill(self, bill: Bill) -> None:
        """Show what a list costs and its file names."""
        for position, name in enumerate(bill.names, 1):
            self._print(self.out, f"{position:>4}  {name}")
        amounts = f"{bill.credits_needed} of {bill.credits_left} credits"
        self._print(self.out, f"{_images(bill.total)}, {amounts}, about {_duration(bill.seconds)}.")
        if bill.refusal:
            self.remark(bill.refusal)

    def started(self, batch_id: str, page: str, *, is_new: bool) -> None:
        """Tell which batch this is."""
        self.remark(f"{'Started' if is_new else 'Going on with'} batch {page}")

    def saved(self, image: Image, standing: Standing) -> None:
        """Tell that an image is in the folder."""
        self._print(self.out, f"{standing.saved}/{standing.total} {image.name}")

    def lost(self, image: Image, reason: str) -> None:
        """Tell that an image will not come."""
        self.remark(f"No. {image.position} {image.name}: {reason}")

    def progress(self, standing: Standing) -> None:
        """Tell how far it is; plain lines leave that to the images."""

    def over(self, standing: Standing, folder: str) -> None:
        """Tell how it ended."""
        missing = standing.total - standing.saved
        tail = f" {missing} missing; manifest.csv says why." if missing else ""
        self.remark(f"{standing.saved} of {_images(standing.total)} in {folder}.{tail}")

    def failure(self, failure: Failure) -> None:
        """Tell why the command ended early."""
        for line in (failure.sentence, *failure.details):
            self.remark(line)

    def _print(self, stream: TextIO, text: str) -> None:
        print(printable(text), file=stream, flush=True)


@dataclass
class Bar(Lines):
    """A terminal: one line that is drawn again and again, remarks above it."""

    _drawn: str = ""

    def saved(self, image: Image, standing: Standing) -> None:
        """Move the bar; on a terminal nobody reads a thousand names."""
        self.progress(standing)

    def progress(self, standing: Standing) -> None:
        """Draw the bar."""
        self._drawn = bar_line(standing, shutil.get_terminal_size().columns)
        self.err.write(f"\r\x1b[K{self._drawn}")
        self.err.flush()

    def over(self, standing: Standing, folder: str) -> None:
        """Leave the last line where it is."""
        self.progress(standing)
        self._leave()
        super().over(standing, folder)

    def failure(self, failure: Failure) -> None:
        """Leave the bar, then tell."""
        self._leave()
        super().failure(failure)

    def _leave(self) -> None:
        if self._drawn:
            self.err.write("\n")
        self._drawn = ""

    def _print(self, stream: TextIO, text: str) -> None:
        if self._drawn:
            self.err.write("\r\x1b[K")
        super()._print(stream, text)
        if self._drawn:
            self.err.write(self._drawn)
            self.err.flush()


@dataclass
class Json(Lines):
    """One JSON object a line on standard output; remarks stay on standard error."""

    def bill(self, bill: Bill) -> None:
        """Write the bill."""
        amounts = {"needed": bill.credits_needed, "left": bill.credits_left}
        self._event(
            "bill",
            total=bill.total,
            credits=amounts,
            names=bill.names,
            seconds=bill.seconds,
            refusal=bill.refusal or None,
        )

    def started(self, batch_id: str, page: str, *, is_new: bool) -> None:
        """Write the batch's id."""
        self._event("started" if is_new else "resumed", id=batch_id, url=page)

    def saved(self, image: Image, standing: Standing) -> None:
        """Write which image is in the folder."""
        self._event("saved", position=image.position, file=image.name, sha256=image.sha256)

    def lost(self, image: Image, reason: str) -> None:
        """Write which image will not come."""
        self._event("lost", position=image.position, file=image.name, code=image.error_code, reason=reason)

    def over(self, standing: Standing, folder: str) -> None:
        """Write how it ended."""
        counts = {"saved": standing.saved, "failed": standing.failed, "total": standing.total}
        self._event("over", status=standing.status, folder=folder, **counts)

    def failure(self, failure: Failure) -> None:
        """Write why the command ended early."""
        self._event("failure", code=int(failure.exit_code), reason=failure.sentence, errors=failure.details)

    def _event(self, event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, **fields}), file=self.out, flush=True)


def screen(*, as_json: bool) -> Lines:
    """Return what fits where the output goes."""
    if as_json:
        return Json()
    return Bar() if sys.stderr.isatty() and sys.stdout.isatty() else Lines()


def bar_line(standing: Standing, columns: int) -> str:
    """Return the bar as text of at most that many columns."""
    filled = _BAR_CHARACTERS * standing.saved // max(1, standing.total)
    text = f"[{'#' * filled:-<{_BAR_CHARACTERS}}] {standing.saved}/{standing.total}"
    if standing.failed:
        text += f", {standing.failed} failed"
    if standing.status not in ("queued", "running"):
        text += f", {standing.status}"
    if standing.seconds_left:
        text += f", about {_duration(standing.seconds_left)} left"
    return text[: max(1, columns - 1)]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _images(count: int) -> str:
    return f"{count} image" if count == 1 else f"{count} images"


def printable(text: str) -> str:
    """Return the text without what would steer a terminal: some of it comes from the network."""
    return "".join(character if character.isprintable() else " " for character in text)
