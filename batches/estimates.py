"""How long the rest of a run will take."""

from collections.abc import Sequence
from statistics import median

#: Fewer than this say nothing yet.
_FEWEST = 3
#: Only the latest count: upstream's speed changes over a day.
_LATEST = 10


def remaining_seconds(durations: Sequence[float], remaining: int) -> float | None:
    """Return the seconds for `remaining` images by the median of the last ones, newest first; None with under three."""
    if len(durations) < _FEWEST:
        return None
    return median(durations[:_LATEST]) * remaining
