"""Estimates of how long images take, from the latest ones."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

from batches.models import Prompt

#: For a model and quality without images so far.
_ASSUMED_SECONDS = 12.0
_SAMPLE = 20
#: A pause could be most of fewer intervals.
_FEWEST_INTERVALS = 3


def usual_seconds(model_id: int, quality: str) -> float:
    """Return the median duration of all customers' last images of that model and quality."""
    alike = Prompt.objects.filter(image_model=model_id, quality=quality)
    return median([seconds for _, seconds in alike.last_made(_SAMPLE)] or [_ASSUMED_SECONDS])


def seconds_each(made: Sequence[tuple[datetime, float]]) -> float | None:
    """Return the median of a batch's last images, given as `PromptQuerySet.last_made` does; None without any.

    The intervals between them count, because they include waits for the rate limit and failed prompts.
    """
    intervals = [(later - earlier).total_seconds() for (later, _), (earlier, _) in pairwise(made)]
    times = intervals if len(intervals) >= _FEWEST_INTERVALS else [seconds for _, seconds in made]
    return median(times) if times else None


def remaining_seconds(each: float, count: int, age: float) -> float:
    """Return the seconds for `count` images, the first of which was begun `age` seconds ago."""
    return each * count - min(age, each)
