"""What a program does to a batch: one operation a verb, the same verbs as on the site."""

from collections.abc import Callable
from uuid import UUID

from ninja import Status

from accounts.problems import Problem
from batches import submission
from batches.access import find_batch
from batches.api import schemas
from batches.api.answers import Json, summary
from batches.api.once import IdempotencyKey, once
from batches.api.router import MAY_WRITE, router
from batches.api.statuses import WITH_KEY, answers
from batches.choices import RUNNABLE, BatchStatus
from batches.models import Batch
from billing.program_key import ProgramRequest

ANSWERS = answers(404, *WITH_KEY, ok=schemas.Summary)


@router.post(
    "/batches/{uuid:batch_id}/pause", auth=MAY_WRITE, tags=["verbs"], response=ANSWERS, summary="Pause a batch"
)
def pause(request: ProgramRequest, batch_id: UUID, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Stop after the image in flight."""
    batch = find_batch(request.auth.user, batch_id)
    return _done(request, batch, idempotency_key, lambda: batch.pause(request.auth.user), BatchStatus.PAUSED)


@router.post(
    "/batches/{uuid:batch_id}/resume", auth=MAY_WRITE, tags=["verbs"], response=ANSWERS, summary="Resume a batch"
)
def resume(request: ProgramRequest, batch_id: UUID, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Let a paused batch go on."""
    batch = find_batch(request.auth.user, batch_id)
    return _done(request, batch, idempotency_key, lambda: batch.resume(request.auth.user), *RUNNABLE)


@router.post(
    "/batches/{uuid:batch_id}/cancel", auth=MAY_WRITE, tags=["verbs"], response=ANSWERS, summary="Cancel a batch"
)
def cancel(request: ProgramRequest, batch_id: UUID, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """End the batch for good; what is ready stays, the credits of the rest are given back."""
    batch = find_batch(request.auth.user, batch_id)
    act = lambda: submission.cancel(batch, request.auth.user)  # noqa: E731
    return _done(request, batch, idempotency_key, act, BatchStatus.CANCELLED)


@router.post(
    "/batches/{uuid:batch_id}/retry",
    auth=MAY_WRITE,
    tags=["verbs"],
    response=answers(402, 404, *WITH_KEY, ok=schemas.Summary),
    summary="Retry the failed images",
)
def retry(request: ProgramRequest, batch_id: UUID, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Put the failed prompts back in the queue; their credits are held again."""
    batch = find_batch(request.auth.user, batch_id)
    act = lambda: submission.retry_failed(batch, request.auth.user) > 0  # noqa: E731
    return _done(request, batch, idempotency_key, act)


@router.delete(
    "/batches/{uuid:batch_id}",
    auth=MAY_WRITE,
    tags=["verbs"],
    response=answers(404, empty=None),
    summary="Delete a batch",
)
def delete(request: ProgramRequest, batch_id: UUID) -> Status[None]:
    """Throw the batch away, open or not, with its images."""
    submission.delete(find_batch(request.auth.user, batch_id), request.auth.user)
    return Status(204, None)


def _done(
    request: ProgramRequest, batch: Batch, key: str, act: Callable[[], bool], *enough: BatchStatus
) -> Status[Json]:
    """Do it, and answer how far the batch is then; a batch in one of the `enough` states is so already."""

    def acted(_token: UUID) -> Status[Json]:
        if not act() and batch.status not in enough:
            raise Problem("wrong_state", f"The batch is {batch.status}.")
        batch.refresh_from_db()
        return Status(200, summary(batch))

    return once(request, key, acted)
