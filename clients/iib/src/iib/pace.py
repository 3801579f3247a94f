"""How often to poll, and how long the rest takes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

SOONEST_SECONDS, _LATEST_SECONDS = 1.0, 15.0
#: The shortest delay grows with the batch, because a poll of 1,000 images is a large response.
_SECONDS_PER_LISTED_IMAGE = 0.01
_LONGEST_ALLOWANCE_SECONDS = 60.0


@dataclass
class Allowance:
    """Waits when the site's rate limit has no requests left."""

    _free_at: float = 0

    def note(self, headers: Mapping[str, str]) -> None:
        """Read `RateLimit-Remaining`, and `RateLimit-Reset` in seconds, from a response."""
        reset = headers.get("RateLimit-Reset", "")
        if headers.get("RateLimit-Remaining") == "0" and reset.isdigit():
            self._free_at = time.monotonic() + min(float(reset), _LONGEST_ALLOWANCE_SECONDS)

    def wait(self) -> None:
        time.sleep(max(0.0, self._free_at - time.monotonic()))


@dataclass
class Pace:
    """Polls more often while images arrive, less often while nothing changes."""

    _quiet_polls: int = 0
    _began_at: float = field(default_factory=time.monotonic)
    _done_at_first: int | None = None

    def next_seconds(self, *, has_news: bool, total: int) -> float:
        """Return the delay before the next poll."""
        self._quiet_polls = 0 if has_news else self._quiet_polls + 1
        soonest = max(SOONEST_SECONDS, total * _SECONDS_PER_LISTED_IMAGE)
        return min(_LATEST_SECONDS, soonest * 1.5**self._quiet_polls)

    def seconds_left(self, done: int, total: int) -> float | None:
        """Estimate how long the rest takes from the images since the first call; None until there is one."""
        if self._done_at_first is None:
            self._done_at_first = done
        made = done - self._done_at_first
        return (time.monotonic() - self._began_at) / made * (total - done) if made else None
