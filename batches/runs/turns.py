"""Run a batch: send its prompts upstream one at a time. Each call of `advance` makes one image."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from batches.choices import RUNNABLE, PromptStatus, WaitReason
from batches.clients import openai
from batches.clients.openai_errors import Broken, Busy, Faulty, Refused, Unknown
from batches.models import ImageModel, Prompt
from batches.pictures.finish import NotAPicture, finish
from batches.predictions import jobs
from batches.runs import files, leases, moderation, outcomes, plan_limit, rate_limit, setbacks

logger = logging.getLogger(__name__)

#: A thread works on a batch for this long, or longer if no other batches wait for a worker.
TURN_SECONDS = 5.0
#: Brokers redeliver a message that isn't acknowledged for many minutes.
LONGEST_TURN_SECONDS = 300.0
#: After SIGTERM a worker ends within this time: its calls, and a minute to store and record the images.
STOP_SECONDS = openai.CALL_SECONDS + 60
# A response has megabytes. If hundreds arrive at the same time, the others wait in the network's buffers.
_in_memory = threading.BoundedSemaphore(12)
#: After this time a response is read anyway, so that twelve stalled ones can't block the whole process for minutes.
#: Memory therefore has no hard limit, but only an upstream that stalls repeatedly can fill it.
LONGEST_WAIT_FOR_PLACE_SECONDS = 20.0


def take_turn(batch_id: uuid.UUID, must_stop: Callable[[], bool]) -> float | None:
    """Make images of the batch while that is fair to others: a new lease is cheaper than a message through the broker.

    Return what `advance` returns. If `must_stop()` is true, stop after the image in flight.
    """
    began_at = time.monotonic()
    try:
        while (delay_seconds := advance(batch_id)) == 0 and not must_stop():
            if _is_over(time.monotonic() - began_at):
                break
        return delay_seconds
    finally:
        # Also after an error: a connection that the server has closed would fail in this thread forever.
        leases.leave_database()


def _is_over(seconds: float) -> bool:
    return seconds >= TURN_SECONDS and (seconds >= LONGEST_TURN_SECONDS or leases.does_any_wait())


def advance(batch_id: uuid.UUID) -> float | None:
    """Make the next image of the batch, if no other worker has leased it.

    Return the seconds until the batch can continue, or None if there is nothing to do now.
    Safe to call at any time, repeatedly, or from two workers at the same time.
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


def _advance(turn: outcomes.Turn) -> float | None:
    prompt = Prompt.next_up(turn.batch_id)
    if prompt and not files.can_store():
        return turn.wait_for_storage(prompt)
    if prompt and prompt.status == PromptStatus.GENERATING:
        # It is made elsewhere, or the worker that made it has died.
        return jobs.follow(turn, prompt) if _is_at_replicate(prompt) else turn.recover(prompt)
    if prompt is None or prompt.batch.status not in RUNNABLE:
        return turn.stop()
    if not prompt.batch.user.is_active:
        # Don't make images for a deactivated account. The batch can be resumed if the account is reactivated.
        return turn.pause("account_inactive")
    if prompt.retry_at and (seconds := (prompt.retry_at - timezone.now()).total_seconds()) > 0:
        return turn.release(seconds)
    if moderation.is_due(prompt):
        return _moderate(turn)
    room = plan_limit.check(prompt)
    if room is plan_limit.Room.NONE:
        return turn.wait(WaitReason.DAILY_LIMIT, plan_limit.resume_at(turn.batch_id))
    if delay := _wait_seconds(prompt, room):
        return turn.release(delay)
    if not turn.begin(prompt):
        return turn.stop()
    return jobs.start(turn, prompt) if _is_at_replicate(prompt) else make_image(turn, prompt)


def _wait_seconds(prompt: Prompt, room: plan_limit.Room) -> float:
    if room is plan_limit.Room.CONTESTED:
        return plan_limit.wait_seconds(prompt)
    # The limit is that of our key for images at OpenAI.
    return 0 if _is_at_replicate(prompt) else rate_limit.wait_seconds(prompt.batch.user_id)


def _is_at_replicate(prompt: Prompt) -> bool:
    return prompt.image_model.provider == ImageModel.Provider.REPLICATE


def _moderate(turn: outcomes.Turn) -> float | None:
    prompts = moderation.next_unchecked(turn.batch_id)
    leases.leave_database()
    try:
        return turn.release(moderation.check_for_worker(turn.batch_id, prompts))
    except moderation.Unavailable as error:
        return turn.wait_for_moderation(str(error))


def make_image(turn: outcomes.Turn, prompt: Prompt) -> float | None:
    try:
        request = image_request(prompt)
    except files.InputGone as gone:
        return turn.fail(prompt, gone.code)
    except OSError as error:
        return turn.park_for_storage(prompt, error)
    # The call takes seconds to minutes; don't hold a connection meanwhile.
    leases.leave_database()
    try:
        read_answer = openai.client().ask(request)
        with limited_readers():
            answer = read_answer()
            picture = finish(answer.data, format=prompt.format, ratio=prompt.ratio, size=request.size)
            return turn.deliver(prompt, picture, answer)
    except Busy as error:
        return turn.set_back(prompt, setbacks.BUSY, error)
    except Faulty as error:
        return turn.set_back(prompt, setbacks.FAULT, error)
    except Unknown as error:
        return turn.set_back(prompt, setbacks.UNKNOWN, error)
    except Refused as error:
        return turn.fail(prompt, error.code, error.message, error.request_id)
    except Broken as error:
        # The message may quote a part of our key. The admin shows it.
        logger.error("upstream stops us: %s", error.code)
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


def image_request(prompt: Prompt) -> openai.ImageRequest:
    model = prompt.image_model
    is_automatic = model.parameters == model.Parameters.AUTOMATIC
    is_common = settings.OPENAI_COMPATIBLE if is_automatic else model.parameters == model.Parameters.COMMON
    images, mask = files.inputs(prompt)
    return openai.ImageRequest(
        model=model.code,
        prompt=prompt.full_text,
        size=model.size(prompt.ratio),
        # Many servers have no qualities, but where customers can choose one, they pay by it.
        quality=prompt.quality if not is_common or model.qualities.count() > 1 else "",
        format=prompt.format,
        safety_identifier=openai.safety_identifier(prompt.batch.user_id),
        is_common=is_common,
        images=images,
        mask=mask,
    )
