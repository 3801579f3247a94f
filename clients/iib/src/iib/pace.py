"""How often to ask, and how long the rest takes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

_SOONEST_SECONDS, _LATEST_SECONDS = 1.0, 15.0
#: A poll of 1,000 images is a large answer: asked no more often than every so many seconds an image.
_SECONDS_PER_LISTED_IMAGE = 0.01
_LONGEST_ALLOWANCE_SECONDS = 60.0


@dataclass
class Allowance:
    """Keeps to the requests a minute that the site allows: where none is left, the next one waits."""

    _free_at: float = 0

    def note(self, headers: Mapping[str, str]) -> None:
        """Note what an answer says of it: `RateLimit-Remaining`, and `RateLimit-Reset` in seconds."""
        reset = headers.get("RateLimit-Reset", "")
        if headers.get("RateLimit-Remaining") == "0" and reset.isdigit():
            self._free_at = time.monotonic() + min(float(reset), _LONGEST_ALLOWANCE_SECONDS)

    def wait(self) -> None:
        """Wait until a request is allowed again."""
        time.sleep(max(0.0, self._free_at - time.monotonic()))


@dataclass
class Pace:
    """Asks sooner while images arrive, later while nothing changes."""

    _quiet_polls: int = 0
    _began_at: float = field(default_factory=time.monotonic)
    _done_at_first: int | None = None

    def next_seconds(self, *, has_news: bool, total: int) -> float:
        """Return the wait before the next poll."""
        self._quiet_polls = 0 if has_news else self._quiet_polls + 1
        soonest = max(_SOONEST_SECONDS, total * _SECONDS_PER_LISTED_IMAGE)
        return min(_LATEST_SECONDS, soonest * 1.5**self._quiet_polls)

    def seconds_left(self, done: int, total: int) -> float | None:
        """Return how long the rest takes at the pace since the first call; None until an image was made."""
        if self._done_at_first is None:
            self._done_at_first = done
        made = done - self._done_at_first
        return (time.monotonic() - self._began_at) / made * (total - done) if made else None
