"""Progress of a batch, for its page and for the browser's poll."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from batches.choices import RUNNABLE, BatchStatus
from batches.delivery import keeping
from batches.models import Batch
from batches.progress.cards import Card, cards
from batches.progress.headlines import headline

#: Seconds until the browser's next poll: half of what an image takes, within these limits.
_SHORTEST_WAIT, _LONGEST_WAIT = 2.0, 10.0
#: Fewer images than the first give no estimate. Only the latest count, because upstream's speed changes.
_FEWEST, _LATEST = 3, 10
_REVISION = re.compile("[0-9]{1,10}")


def parse_revision(text: str) -> int:
    """Return the revision that the browser has seen; 0, which requests everything, if it is not a number."""
    return int(text) if _REVISION.fullmatch(text) else 0


@dataclass(frozen=True)
class Progress:
    """A batch's progress, and what has changed since a revision that the browser has seen."""

    batch: Batch
    since: int

    @property
    def has_news(self) -> bool:
        return self.batch.revision != self.since

    def changed_cards(self) -> list[Card]:
        return cards(self.batch.prompts.filter(revision__gt=self.since)) if self.has_news else []

    def counts(self) -> dict[str, int]:
        batch = self.batch
        return {
            "open": batch.open_count,
            "ready": batch.ready_count,
            "failed": batch.failed_count,
            "cancelled": batch.cancelled_count,
        }

    def eta_seconds(self) -> float | None:
        """Return how long the rest will take, by the median of the last images; None if unknown."""
        if not self.has_news or self.batch.status not in RUNNABLE or not self.batch.open_count:
            return None
        return remaining_seconds(self._durations, self.batch.open_count)

    @cached_property
    def _durations(self) -> list[float]:
        return self.batch.prompts.last_durations(_LATEST)

    def _pace_seconds(self) -> float:
        half = median(self._durations) / 2 if self.batch.status in RUNNABLE and self._durations else 0
        return min(max(_SHORTEST_WAIT, half), _LONGEST_WAIT)

    def headline(self) -> str:
        is_finished = self.batch.status == BatchStatus.FINISHED
        seconds = self.batch.prompts.seconds_taken() if is_finished else self.eta_seconds()
        return headline(self.batch, seconds, timezone.now())

    def kept(self) -> str:
        """Return the sentence that says until when the server keeps the images."""
        return keeping.kept_sentence(self.batch)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON for the browser's poll."""
        batch = self.batch
        # A cancelled batch is polled fast until its last image has arrived.
        is_stopped = batch.status in (BatchStatus.PAUSED, BatchStatus.ON_HOLD)
        short: dict[str, Any] = {
            "revision": batch.revision,
            "status": batch.status,
        }
        if is_stopped:
            short["next_seconds"] = _LONGEST_WAIT
        if not self.has_news:
            # The browser keeps the pace of the last news.
            return short
        short.setdefault("next_seconds", self._pace_seconds())
        return short | {
            "status_label": gettext(batch.get_status_display()),
            "headline": self.headline(),
            "kept": self.kept(),
            "total": batch.total,
            "counts": self.counts(),
            "may": {
                "pause": batch.may_pause,
                "resume": batch.may_resume,
                "cancel": batch.is_open,
                "retry": batch.may_retry,
            },
            "is_open": not batch.is_over,
            "changed": self.changed_cards(),
        }


def remaining_seconds(durations: Sequence[float], remaining: int) -> float | None:
    """Return the seconds for `remaining` images by the median of the last ones, newest first; None for too few."""
    if len(durations) < _FEWEST:
        return None
    return median(durations[:_LATEST]) * remaining
