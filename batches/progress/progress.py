"""Progress of a batch, for its page and for the browser's poll."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext

from batches.choices import BatchStatus, PromptStatus
from batches.delivery import retention
from batches.models import Batch
from batches.progress import retries
from batches.progress.cards import Card, cards
from batches.progress.estimates import remaining_seconds, seconds_each, usual_seconds
from batches.progress.headlines import headline
from batches.runs import plan_limit

#: Seconds until the browser's next poll: half of what an image takes, within these limits.
_SHORTEST_WAIT, _LONGEST_WAIT = 2.0, 10.0
#: Only the latest images count, because upstream's speed changes.
_LATEST = 10
#: Other batches of the customer change the plan's split without a new revision of this one.
_OUTLOOK_SECONDS = 30
_REVISION = re.compile("[0-9]{1,10}")


def parse_revision(text: str) -> int:
    """Return the revision that the browser has seen; 0, which requests everything, if it is not a number."""
    return int(text) if _REVISION.fullmatch(text) else 0


@dataclass(frozen=True)
class Outlook:
    """What a batch's headline says about the remaining images. Cached, because it rarely changes."""

    seconds_each: float
    #: When the image in flight was started.
    began_at: datetime | None
    split: plan_limit.Split | None


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

    @cached_property
    def retryable_count(self) -> int:
        return self.batch.prompts.retryable().count() if self.batch.may_retry else 0

    @property
    def rewording_count(self) -> int:
        return self.batch.failed_count - self.retryable_count if self.batch.may_retry else 0

    def _seconds_left(self) -> float | None:
        """Return how long the rest will take, by the last images; None if nothing is left."""
        began_at, count = self._outlook.began_at, self.batch.open_count
        age = (timezone.now() - began_at).total_seconds() if began_at else 0
        return remaining_seconds(self._outlook.seconds_each, count, age) if count else None

    @cached_property
    def _outlook(self) -> Outlook:
        batch = self.batch
        key = f"outlook:{batch.pk}:{batch.revision}"
        return cast("Outlook", cache.get_or_set(key, self._queried_outlook, _OUTLOOK_SECONDS))

    def _queried_outlook(self) -> Outlook:
        batch = self.batch
        return Outlook(
            seconds_each(batch.prompts.last_made(_LATEST)) or usual_seconds(batch.image_model_id, batch.quality),
            batch.prompts.filter(status=PromptStatus.GENERATING).values_list("started_at", flat=True).first(),
            plan_limit.split(batch.user, batch.open_count),
        )

    def headline(self) -> str:
        batch = self.batch
        seconds, split = None, None
        if batch.status == BatchStatus.RUNNING:
            seconds, split = self._seconds_left(), self._outlook.split
        elif batch.status == BatchStatus.FINISHED:
            seconds = batch.seconds_run()
        now, rewording = timezone.now(), self.rewording_count
        return headline(batch, seconds, now, split=split, rewording=rewording, delay=self._delay())

    def _delay(self) -> str:
        """Return a sentence about what the batch is waiting for, if anything. Most batches need no query for that."""
        batch = self.batch
        if batch.status == BatchStatus.PAUSED and batch.lease_token:
            in_flight = batch.prompts.filter(status=PromptStatus.GENERATING).values_list("position", flat=True).first()
            return gettext("Pausing: finishing number %(position)s.") % {"position": in_flight} if in_flight else ""
        if batch.status == BatchStatus.RUNNING and batch.setback_count:
            waiting = batch.prompts.filter(status=PromptStatus.QUEUED).exclude(retry_at=None).order_by("retry_at")
            first = waiting.values(*retries.COLUMNS).first()
            retry = first and retries.retry_of(first, timezone.now(), is_last=batch.open_count == 1)
            return retries.sentence(retry) if retry else ""
        return ""

    def retention(self) -> str:
        return retention.sentence(self.batch)

    def as_dict(self) -> dict[str, Any]:
        batch = self.batch
        # A batch that was stopped is polled fast until its last image has arrived.
        is_stopped = batch.status in (BatchStatus.PAUSED, BatchStatus.ON_HOLD) and not batch.lease_token
        short: dict[str, Any] = {"revision": batch.revision, "status": batch.status}
        if is_stopped:
            short["next_seconds"] = _LONGEST_WAIT
        if not self.has_news:
            # Only the remaining time has changed. The browser polls at the same interval as before.
            return short | ({"headline": self.headline()} if batch.status == BatchStatus.RUNNING else {})
        half = self._outlook.seconds_each / 2 if batch.status == BatchStatus.RUNNING else 0
        short.setdefault("next_seconds", min(max(_SHORTEST_WAIT, half), _LONGEST_WAIT))
        return short | {
            "status_label": batch.get_status_display(),
            "headline": self.headline(),
            "retention": self.retention(),
            "total": batch.total,
            "counts": self.counts(),
            "may": {
                "pause": batch.may_pause,
                "resume": batch.may_resume,
                "cancel": batch.is_open,
                "retry": self.retryable_count > 0,
            },
            "is_open": not batch.is_over,
            "changed": self.changed_cards(),
        }
