"""REST operations that change a batch: the same actions as on the site."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from ninja import Status

from accounts.models import User
from batches import lifecycle
from batches.access import find_batch
from batches.api import schemas
from batches.api.idempotency import REPLAYED, IdempotencyKey, once
from batches.api.parameters import BatchId, headers
from batches.api.representations import Json, summary
from batches.api.router import MAY_WRITE, router
from batches.choices import RUNNABLE, BatchStatus
from batches.models import Batch
from billing.program_key import ProgramRequest
from rest.problems import Problem
from rest.responses import WITH_CREDITS, WITH_KEY, answers

_OK = {200: {"headers": headers({"Idempotent-Replayed": REPLAYED})}}
_VERB: dict[str, Any] = {"auth": MAY_WRITE, "tags": ["verbs"]}
_ANSWERS = answers("not_found", "wrong_state", *WITH_KEY, ok=schemas.Summary, responses=_OK)


@router.post("/batches/{uuid:batch_id}/pause", **_VERB, summary="Pause a batch", operation_id="pause_batch", **_ANSWERS)
def pause(request: ProgramRequest, batch_id: BatchId, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Pause the batch after the image that is being created."""
    return _done(request, batch_id, idempotency_key, lifecycle.pause, BatchStatus.PAUSED)


@router.post(
    "/batches/{uuid:batch_id}/resume", **_VERB, summary="Resume a batch", operation_id="resume_batch", **_ANSWERS
)
def resume(request: ProgramRequest, batch_id: BatchId, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Continue a paused batch."""
    return _done(request, batch_id, idempotency_key, lifecycle.resume, *RUNNABLE)


@router.post(
    "/batches/{uuid:batch_id}/cancel", **_VERB, summary="Cancel a batch", operation_id="cancel_batch", **_ANSWERS
)
def cancel(request: ProgramRequest, batch_id: BatchId, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Cancel the batch for good. You keep the images that are ready, and the credits of the rest are released."""
    return _done(request, batch_id, idempotency_key, lifecycle.cancel, BatchStatus.CANCELLED)


@router.post(
    "/batches/{uuid:batch_id}/retry",
    **_VERB,
    summary="Retry failed images",
    operation_id="retry_batch",
    **answers("not_found", "wrong_state", *WITH_KEY, *WITH_CREDITS, ok=schemas.Summary, responses=_OK),
)
def retry(request: ProgramRequest, batch_id: BatchId, idempotency_key: IdempotencyKey = "") -> Status[Json]:
    """Create the failed images again, also those whose prompt was refused. Their credits are reserved again."""
    return _done(request, batch_id, idempotency_key, partial(lifecycle.retry, even_refused=True))


@router.delete(
    "/batches/{uuid:batch_id}",
    **_VERB,
    summary="Delete a batch",
    operation_id="delete_batch",
    **answers("not_found", empty=None, responses={204: {"description": "The batch was deleted"}}),
)
def delete(request: ProgramRequest, batch_id: BatchId) -> Status[None]:
    """Delete the batch and its images, whatever its status."""
    lifecycle.delete(find_batch(request.auth.user, batch_id), request.auth.user)
    return Status(204, None)


def _done(
    request: ProgramRequest, batch_id: UUID, key: str, verb: Callable[[Batch, User], int], *enough: BatchStatus
) -> Status[Json]:
    """Return the changed batch. If the verb changed nothing, that is an error unless the status is one of `enough`."""
    batch = find_batch(request.auth.user, batch_id)

    def act(_token: UUID) -> Status[Json]:
        if not verb(batch, request.auth.user) and batch.status not in enough:
            raise Problem("wrong_state", f"The batch's status is {batch.status}.")
        batch.refresh_from_db()
        return Status(200, summary(batch))

    return once(request, key, act, is_atomic=True)
