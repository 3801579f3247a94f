"""Checks of prompts before they are sent, by the free moderations API (docs/decisions/0028).

A worker whose next prompt isn't checked yet checks it and those that follow. A periodic job checks the others, so that
workers rarely have to.
"""

import logging
import uuid
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, OuterRef, Subquery
from limits import RateLimitItemPerSecond
from limits.errors import StorageError

from batches.choices import RUNNABLE, Moderation, PromptStatus
from batches.clients import openai_moderation
from batches.clients.openai_errors import Refused, UpstreamError
from batches.models import Batch, Prompt
from batches.runs import rate_limit
from batches.runs.outages import Outage
from batches.runs.retrying import retried_transaction
from billing.credits import ledger

logger = logging.getLogger(__name__)

#: A worker checks so many at once: the first image waits for the result.
COUNT_OF_A_WORKER = 20
#: After so many seconds without an answer, prompts are sent unchecked, or batches go on hold if checks are required.
PATIENCE_SECONDS = 60.0
_RETRY_SECONDS = 5.0
#: The most in one call. If our key had no limit, a call could have a megabyte.
_MOST_TOKENS = 30_000
#: A low estimate, in UTF-8: most languages have three to five bytes per token.
_BYTES_PER_TOKEN = 3
_LOCK, _LOCK_SECONDS = "moderation:ahead", 60

outage = Outage()


class Unavailable(Exception):
    """There has been no answer for a minute, and prompts must not be sent unchecked."""


def is_due(prompt: Prompt) -> bool:
    return prompt.moderation == Moderation.UNCHECKED and bool(settings.OPENAI_MODERATION_MODEL)


def next_unchecked(batch_id: uuid.UUID, count: int = COUNT_OF_A_WORKER) -> list[Prompt]:
    """Return the next prompts to check, at most `count` and as many as fit in one call, but at least one."""
    waiting = Prompt.objects.filter(batch=batch_id, status=PromptStatus.QUEUED, moderation=Moderation.UNCHECKED)
    prompts = list(waiting.order_by("position")[:count])
    most = settings.OPENAI_MODERATION_TOKENS_PER_MINUTE // 2 or _MOST_TOKENS
    sums = accumulate(map(_tokens, prompts))
    return [prompt for prompt, tokens in zip(prompts, sums, strict=True) if tokens <= most or prompt is prompts[0]]


def _tokens(prompt: Prompt) -> int:
    return len(prompt.full_text.encode()) // _BYTES_PER_TOKEN + 1


def check_for_worker(batch_id: uuid.UUID, prompts: Sequence[Prompt]) -> float:
    """Check the prompts and return 0, or return the seconds to wait before the next try. Raises `Unavailable`."""
    try:
        return 0 if check(batch_id, prompts) else _RETRY_SECONDS
    except UpstreamError as error:
        is_refused = isinstance(error, Refused)
        if is_refused and len(prompts) > 1:
            # One of them can't be checked, for example because it has too many tokens.
            return check_for_worker(batch_id, prompts[:1])
        if not is_refused and _note_failure(error) < PATIENCE_SECONDS:
            return _RETRY_SECONDS
        if settings.MODERATION_REQUIRED:
            raise Unavailable(error.code) from error
    waiting = Prompt.objects.filter(pk__in=[prompt.pk for prompt in prompts], status=PromptStatus.QUEUED)
    count = waiting.filter(moderation=Moderation.UNCHECKED).update(moderation=Moderation.SKIPPED)
    logger.error("batch %s: %s prompts are sent without a moderation check", batch_id, count)
    return 0


def check_ahead() -> None:
    """Check the next prompts of every batch under way. One worker does it for all."""
    if not settings.OPENAI_MODERATION_MODEL:
        return
    last = Prompt.objects.filter(batch=OuterRef("pk"), status=PromptStatus.QUEUED).order_by("-position")
    # The others are checked in list order. Prompts edited in between are checked when they are next.
    under_way = Batch.objects.filter(status__in=RUNNABLE).alias(last=Subquery(last.values("moderation")[:1]))
    batch_ids = list(under_way.filter(last=Moderation.UNCHECKED).order_by("created_at").values_list("pk", flat=True))
    if not batch_ids or not cache.add(_LOCK, True, _LOCK_SECONDS):
        return
    try:
        for batch_id in batch_ids:
            # A prompt that can't be checked is left to its worker, and must not delay other batches.
            with suppress(Refused):
                if not check(batch_id, next_unchecked(batch_id, openai_moderation.MAX_TEXTS), is_ahead=True):
                    return
    except UpstreamError as error:
        _note_failure(error)
    finally:
        cache.delete(_LOCK)


def check(batch_id: uuid.UUID, prompts: Sequence[Prompt], *, is_ahead: bool = False) -> bool:
    """Check the prompts; return False if our key's limit for this minute is used up. Raises an `UpstreamError`."""
    if not prompts:
        return True
    if not _take(sum(map(_tokens, prompts)), is_ahead=is_ahead):
        return False
    found = openai_moderation.flagged_categories([prompt.full_text for prompt in prompts])
    outage.end()
    _record(batch_id, list(zip(prompts, found, strict=True)))
    return True


@retried_transaction
def _record(batch_id: uuid.UUID, results: Sequence[tuple[Prompt, tuple[str, ...]]]) -> None:
    """Mark the prompts that passed, and fail the flagged ones. Needs no lease: none of them is in flight."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    pks = [prompt.pk for prompt, _ in results]
    waiting = batch.prompts.filter(status=PromptStatus.QUEUED, moderation=Moderation.UNCHECKED).in_bulk(pks)
    # A prompt may have been edited during the call.
    valid = [
        (waiting[prompt.pk], categories)
        for prompt, categories in results
        if prompt.pk in waiting and waiting[prompt.pk].full_text == prompt.full_text
    ]
    passed = [prompt.pk for prompt, categories in valid if not categories]
    batch.prompts.filter(pk__in=passed).update(moderation=Moderation.PASSED)
    flagged = [(prompt, categories) for prompt, categories in valid if categories]
    if not flagged:
        return
    revision = batch.touch(failed_count=F("failed_count") + len(flagged))
    for prompt, categories in flagged:
        prompt.flag(revision, categories)
    ledger.release(batch.hold, sum(prompt.credits for prompt, _ in flagged))
    batch.lock()
    if not batch.open_count:
        batch.finish()


def _take(tokens: int, *, is_ahead: bool) -> bool:
    limit = settings.OPENAI_MODERATION_TOKENS_PER_MINUTE
    if not limit:
        return True
    rate, half = RateLimitItemPerSecond(limit, 60), limit // 2
    cost = min(tokens, half)
    try:
        # Half of the limit is for workers, whose batches wait for the answer.
        if not rate_limit.limiter().test(rate, "moderation", cost=cost + half if is_ahead else cost):
            return False
        return rate_limit.limiter().hit(rate, "moderation", cost=cost)
    except StorageError as error:
        logger.warning("the storage of the moderation limit is not available: %s", error)
        return False


def _note_failure(error: UpstreamError) -> float:
    """Return for how many seconds every call of this process has failed."""
    # Not the message, which may quote the prompts.
    logger.warning("no moderation: %s (%s)", error.code, error.request_id)
    return outage.note_failure(PATIENCE_SECONDS)
