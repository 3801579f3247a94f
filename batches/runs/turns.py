"""A run: the prompts of a batch sent upstream one after the other, one image a call of `advance`."""

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from batches.choices import RUNNABLE, PromptStatus, WaitReason
from batches.clients import openai
from batches.models import Prompt
from batches.pictures.finish import NotAPicture, finish
from batches.runs import leases, outcomes, plan_limit, rate_limit

logger = logging.getLogger(__name__)

#: A busy upstream is asked again for about an hour, a faulty one for about four minutes: most outages are over by then.
MAX_BUSY = 60
MAX_FAULTS = 8
#: So long a batch may stay with its thread; then the batches that wait for one have their turn, if any do.
TURN_SECONDS = 5.0
#: Brokers take a message that is not acknowledged for many minutes as lost.
LONGEST_TURN_SECONDS = 300.0
_FIRST_DELAY_SECONDS = 4.0
_LONGEST_DELAY_SECONDS = 60.0
# Each answer is megabytes. When hundreds come at once, the rest waits in the network's buffers.
_in_memory = threading.BoundedSemaphore(12)
#: Then an answer is read without a place: twelve that have stalled must not stop the whole process for minutes. So
#: memory has no hard bound, but only an upstream that stalls again and again can fill it.
LONGEST_WAIT_FOR_PLACE_SECONDS = 20.0


def take_turn(batch_id: uuid.UUID, must_stop: Callable[[], bool]) -> float | None:
    """Make images of the batch as long as that is fair: each way through the broker costs more than the next claim.

    Return as `advance` does. After the image in flight it ends when `must_stop`.
    """
    began_at = time.monotonic()
    while (delay_seconds := advance(batch_id)) == 0 and not must_stop():
        if _is_over(time.monotonic() - began_at):
            break
    return delay_seconds


def _is_over(seconds: float) -> bool:
    """Tell whether a turn that has lasted so long is over."""
    if seconds < TURN_SECONDS:
        return False
    try:
        return seconds >= LONGEST_TURN_SECONDS or leases.does_any_wait()
    finally:
        _leave_database()


def advance(batch_id: uuid.UUID) -> float | None:
    """Make the next image of the batch, if it is this worker's turn.

    Return the seconds after which the batch can go on, None if there is nothing more to do now.
    Safe to call at any time, twice, or from two workers at once.
    """
    try:
        token = leases.claim(batch_id)
        if token is None:
            return None
        with leases.renewed(batch_id, token):
            return _advance(outcomes.Turn(batch_id, token))
    except leases.LeaseLost:
        logger.warning("batch %s: another worker has taken over", batch_id)
        return None
    finally:
        # Also after an error: a connection that the server has ended would fail in this thread for ever.
        _leave_database()


def _advance(turn: outcomes.Turn) -> float | None:
    prompt = Prompt.next_up(turn.batch_id)
    if prompt and prompt.status == PromptStatus.GENERATING:
        return turn.recover(prompt)
    if prompt is None or prompt.batch.status not in RUNNABLE:
        return turn.stop()
    if not prompt.batch.user.is_active:
        # Our key works for nobody who is shut out. Nothing is lost: it waits for the day they are let in again.
        return turn.pause("account_inactive")
    user_id, room = prompt.batch.user_id, plan_limit.check(prompt)
    if room is plan_limit.Room.NONE:
        return turn.wait(WaitReason.DAILY_LIMIT, plan_limit.resume_at(turn.batch_id))
    contested = room is plan_limit.Room.CONTESTED
    if delay := plan_limit.wait_seconds(prompt) if contested else rate_limit.wait_seconds(user_id):
        leases.free(turn.batch_id, turn.token, not_before=timezone.now() + timedelta(seconds=delay))
        return delay
    if not turn.begin(prompt):
        return turn.stop()
    return make_image(turn, prompt, user_id)


def make_image(turn: outcomes.Turn, prompt: Prompt, user_id: int) -> float | None:
    """Make the call and book its outcome, whatever it is."""
    # The call takes seconds to minutes.
    _leave_database()
    try:
        read_answer = openai.client().ask(_request(prompt, user_id))
        with limited_readers():
            answer = read_answer()
            picture = finish(answer.data, format=prompt.format, ratio=prompt.ratio)
            return turn.deliver(prompt, picture, answer)
    except openai.Busy as error:
        return _again(turn, prompt, error, "busy_count", MAX_BUSY, "upstream_busy")
    except openai.Faulty as error:
        return _again(turn, prompt, error, "fault_count", MAX_FAULTS, "upstream_error")
    except openai.Unknown as error:
        return turn.unknown(prompt, error.message, error.request_id)
    except openai.Refused as error:
        return turn.fail(prompt, error.code, error.message, error.request_id)
    except openai.Broken as error:
        logger.error("upstream stops us: %s %s", error.code, error.message)
        return turn.park(prompt, error.code, error.message)
    except NotAPicture as error:
        return turn.fail(prompt, error.code, request_id=answer.request_id)


@contextmanager
def limited_readers() -> Iterator[None]:
    has_place = _in_memory.acquire(timeout=LONGEST_WAIT_FOR_PLACE_SECONDS)
    try:
        yield
    finally:
        if has_place:
            _in_memory.release()


def _leave_database() -> None:
    """Close a connection to a server, which takes fewer of them than all workers have threads."""
    if connection.vendor != "sqlite":
        connection.close()


def _request(prompt: Prompt, user_id: int) -> openai.ImageRequest:
    return openai.ImageRequest(
        model=prompt.image_model.code,
        prompt=prompt.full_text,
        size=prompt.image_model.size(prompt.ratio),
        quality=prompt.quality,
        format=prompt.format,
        safety_identifier=openai.safety_identifier(settings.SECRET_KEY, user_id),
    )


def _again(
    turn: outcomes.Turn, prompt: Prompt, error: openai.Passing, counter: str, limit: int, code: str
) -> float | None:
    """Put the prompt back for another call after the upstream's own delay, or fail it after too many."""
    count = getattr(prompt, counter)
    if count + 1 >= limit:
        return turn.fail(prompt, code, error.message, error.request_id)
    growing = min(_FIRST_DELAY_SECONDS * 2**count, _LONGEST_DELAY_SECONDS)
    delay = error.delay_seconds or growing * random.uniform(0.75, 1.0)
    return turn.put_back(prompt, delay, reason=error.code, **{counter: 1})
