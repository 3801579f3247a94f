"""Outages of what a worker needs, as this process sees them."""

import math
import time


class Outage:
    """Failures without a success in between, by the monotonic clock."""

    def __init__(self) -> None:
        self._began_at = self._failed_at = -math.inf

    def note_failure(self, over_after_seconds: float) -> float:
        """Return for how many seconds everything has failed. The outage was over after so many without a failure."""
        now = time.monotonic()
        if self.is_over(over_after_seconds):
            self._began_at = now
        self._failed_at = now
        return now - self._began_at

    def is_over(self, after_seconds: float) -> bool:
        return time.monotonic() - self._failed_at > after_seconds

    def end(self) -> None:
        self._failed_at = -math.inf
