"""Output of a run: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

import json
import shutil
import sys
import unicodedata
from dataclasses import dataclass, field
from typing import Any, TextIO

from iib.answers import Bill, Image
from iib.failures import Failure

_BAR_CHARACTERS = 30
#: Control and format characters, surrogates, private ones, and separators of lines.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
#: These are part of emoji and some scripts.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Standing:
    """The progress of a run; `seconds_left` is None while unknown."""

    saved: int
    failed: int
    total: int
    status: str
    seconds_left: float | None = None


@dataclass
class Lines:
    """Plain lines: results on standard output, remarks and errors on standard error."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def remark(self, sentence: str) -> None:
        self._print(self.err, sentence)

    def bill(self, bill: Bill) -> None:
        for position, name in enumerate(bill.names, 1):
            self._print(self.out, f"{position:>4}  {name}")
        amounts = f"{bill.credits_needed} of {bill.credits_left} credits"
        self._print(self.out, f"{_images(bill.total)}, {amounts}, about {_duration(bill.seconds)}.")
        if bill.refusal:
            self.remark(bill.refusal)

    def started(self, batch_id: str, page: str, *, is_new: bool) -> None:
        self.remark(f"{'Started' if is_new else 'Going on with'} batch {page}")

    def saved(self, image: Image, standing: Standing) -> None:
        self._print(self.out, f"{standing.saved}/{standing.total} {image.name}")

    def lost(self, image: Image, reason: str) -> None:
        self.remark(f"No. {image.position} {image.name}: {reason}")

    def progress(self, standing: Standing) -> None:
        """Print nothing: each saved image has its line."""

    def over(self, standing: Standing, folder: str) -> None:
        missing = standing.total - standing.saved
        tail = f" {missing} missing; manifest.csv says why." if missing else ""
        self.remark(f"{standing.saved} of {_images(standing.total)} in {folder}.{tail}")

    def failure(self, failure: Failure) -> None:
        for line in (failure.sentence, *failure.details):
            self.remark(line)

    def _print(self, stream: TextIO, text: str) -> None:
        print(printable(text), file=stream, flush=True)


@dataclass
class Bar(Lines):
    """A progress bar in a line that is redrawn, with remarks above it."""

    _drawn: str = ""

    def saved(self, image: Image, standing: Standing) -> None:
        """Print no names: there may be a thousand."""
        self.progress(standing)

    def progress(self, standing: Standing) -> None:
        self._drawn = bar_line(standing, shutil.get_terminal_size().columns)
        self.err.write(f"\r\x1b[K{self._drawn}")
        self.err.flush()

    def over(self, standing: Standing, folder: str) -> None:
        self.progress(standing)
        self._leave()
        super().over(standing, folder)

    def failure(self, failure: Failure) -> None:
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
    """One JSON object per line on standard output; remarks on standard error."""

    def bill(self, bill: Bill) -> None:
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
        self._event("started" if is_new else "resumed", id=batch_id, url=page)

    def saved(self, image: Image, standing: Standing) -> None:
        self._event("saved", position=image.position, file=image.name, sha256=image.sha256)

    def lost(self, image: Image, reason: str) -> None:
        self._event("lost", position=image.position, file=image.name, code=image.error_code, reason=reason)

    def over(self, standing: Standing, folder: str) -> None:
        counts = {"saved": standing.saved, "failed": standing.failed, "total": standing.total}
        self._event("over", status=standing.status, folder=folder, **counts)

    def failure(self, failure: Failure) -> None:
        self._event("failure", code=int(failure.exit_code), reason=failure.sentence, errors=failure.details)

    def _event(self, event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, **fields}), file=self.out, flush=True)


def screen(*, as_json: bool) -> Lines:
    if as_json:
        return Json()
    return Bar() if sys.stderr.isatty() and sys.stdout.isatty() else Lines()


def bar_line(standing: Standing, columns: int) -> str:
    """Return the bar, cut to this many columns."""
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
    """Replace control characters, because some of the text comes from the network."""
    # Not `isprintable`, which also refuses signs that are newer than this Python.
    return "".join(" " if unicodedata.category(each) in _UNSEEN and each not in _JOINERS else each for each in text)
