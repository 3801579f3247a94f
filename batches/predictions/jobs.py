"""Images and videos by Replicate: one turn starts a prediction, and later turns check it.

Between these turns no worker has the batch, but it stays leased (`leases.leave`), and its prompt is `generating` with
the id of the prediction. If a worker dies, the next one checks it instead (docs/decisions/0032).
"""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from batches.choices import BatchStatus
from batches.clients import replicate
from batches.clients.openai import ImageAnswer
from batches.clients.openai_errors import Broken, Busy, Refused, UpstreamError
from batches.models import Prompt
from batches.pictures.finish import NotAPicture
from batches.predictions import outputs, webhooks
from batches.predictions.frames import data_url
from batches.runs import files, setbacks
from batches.runs.leases import leave_database
from batches.runs.outcomes import STORAGE_PAUSE, Turn

logger = logging.getLogger(__name__)

#: Seconds until the next look, by how old the prediction is.
_PAUSES = ((2, 2.0), (5, 3.0), (10, 5.0), (18, 8.0))
_LONGEST_PAUSE = 10.0
#: If it isn't known whether a prediction was started, it is in the list by then.
_SEARCH_AFTER_SECONDS = 5.0
#: Upstream ends each after `replicate.CANCEL_AFTER`. Then its output can be fetched for an hour.
_LONGEST_RUN, _LONGEST_FETCH = timedelta(minutes=25), timedelta(minutes=50)
#: Upstream's clock may be behind ours.
_CLOCK_DIFFERENCE = timedelta(minutes=2)


def start(turn: Turn, prompt: Prompt) -> float | None:
    """Start the prediction of a prompt that has just begun. The call is made only once."""
    try:
        inputs = _inputs(prompt)
    except files.InputGone as gone:
        return turn.fail(prompt, gone.code)
    except OSError as error:
        return turn.park_for_storage(prompt, error)
    leave_database()
    try:
        prediction = replicate.start(prompt.image_model.code, inputs, webhooks.webhook_url())
    except Busy as error:
        return turn.set_back(prompt, setbacks.BUSY, error)
    except Refused as error:
        return turn.fail(prompt, error.code, error.message, error.request_id)
    except Broken as error:
        # The message may quote a part of our token. The admin shows it.
        logger.error("Replicate stops us: %s", error.code)
        return turn.park(prompt, error.code, error.message)
    except UpstreamError as error:
        # It may have been started, and `follow` searches for it.
        logger.warning("prompt %s: %s", prompt.pk, error.code)
        return turn.leave(_SEARCH_AFTER_SECONDS)
    return turn.record_job(prompt, prediction.id, _PAUSES[0][1])


def follow(turn: Turn, prompt: Prompt) -> float | None:
    """Check the prediction of a prompt, and deliver its output when it is ready."""
    leave_database()
    try:
        prediction = replicate.look(prompt.job_id) if prompt.job_id else _search(prompt)
        if prediction is None:
            return turn.recover(prompt)
        if not prompt.job_id:
            return turn.record_job(prompt, prediction.id, _PAUSES[0][1])
        is_unwanted = prompt.batch.status == BatchStatus.CANCELLED or _age(prompt) > _LONGEST_RUN
        if is_unwanted and not prediction.has_ended:
            prediction = replicate.cancel(prediction.id)
        return _next(turn, prompt, prediction)
    except UpstreamError as error:
        logger.warning("prompt %s: %s", prompt.pk, error.code)
        if _age(prompt) > _LONGEST_FETCH:
            return turn.fail(prompt, "unknown_outcome", error.message, prompt.job_id or "")
        return turn.leave(error.delay_seconds or _LONGEST_PAUSE)
    except OSError as error:
        logger.warning("prompt %s: %s", prompt.pk, error)
        return turn.leave(STORAGE_PAUSE.total_seconds())


def _search(prompt: Prompt) -> replicate.Prediction | None:
    """Return the prediction that was started although its id could not be stored, if there is one.

    Two prompts with the same input may take each other's: the output is the same.
    """
    since = (prompt.started_at or timezone.now()) - _CLOCK_DIFFERENCE
    try:
        inputs = _inputs(prompt)
    except files.InputGone:
        return None
    for prediction in replicate.find(prompt.image_model.code, inputs, since):
        is_taken = Prompt.objects.filter(job_id=prediction.id).exists()
        # The second is of an earlier try, which failed.
        if not is_taken and prediction.id != prompt.request_id:
            return prediction
    return None


def _next(turn: Turn, prompt: Prompt, prediction: replicate.Prediction) -> float | None:
    if not prediction.has_ended and _age(prompt) > _LONGEST_FETCH:
        return turn.fail(prompt, "too_slow", prediction.status, prediction.id)
    if not prediction.has_ended:
        seconds = _age(prompt).total_seconds()
        return turn.leave(next((pause for limit, pause in _PAUSES if seconds < limit), _LONGEST_PAUSE))
    if prediction.status == "succeeded":
        return _deliver(turn, prompt, prediction)
    if prediction.status == "canceled" and prompt.batch.status == BatchStatus.CANCELLED:
        return turn.requeue(prompt)
    codes = {"failed": prediction.error_code, "aborted": "upstream_busy", "canceled": "too_slow"}
    return turn.fail(prompt, codes[prediction.status], prediction.error, prediction.id)


def _deliver(turn: Turn, prompt: Prompt, prediction: replicate.Prediction) -> float | None:
    if files.find(prompt):
        return turn.recover(prompt)
    try:
        with outputs.fetched(prompt, prediction.output_url) as output:
            return turn.deliver(prompt, output, ImageAnswer(b"", prediction.id, None))
    except NotAPicture as error:
        return turn.fail(prompt, error.code, request_id=prediction.id)
    except Refused as error:
        return turn.fail(prompt, error.code, error.message, prediction.id)


def _inputs(prompt: Prompt) -> dict[str, Any]:
    """Return what Replicate is sent. Raises `files.InputGone`, or `OSError` if the storage fails."""
    photos, _mask = files.inputs(prompt)
    return prompt.image_model.input_for(
        prompt.quality,
        prompt=prompt.full_text,
        seconds=prompt.seconds,
        ratio=prompt.ratio,
        format=prompt.format,
        first_frame=data_url(photos[0].data) if photos else None,
    )


def _age(prompt: Prompt) -> timedelta:
    return timezone.now() - prompt.started_at if prompt.started_at else timedelta()
