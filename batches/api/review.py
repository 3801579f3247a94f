"""REST operations that review images: verdicts, and further versions."""

from uuid import UUID

from ninja import Status
from ninja.decorators import decorate_view

from batches.access import find_batch, find_prompt
from batches.api import schemas
from batches.api.idempotency import REPLAYED, IdempotencyKey, once
from batches.api.parameters import BatchId, Position, headers
from batches.api.representations import Json, image_url, summary
from batches.api.router import MAY_WRITE, router
from batches.review import verdicts
from batches.review.forms import VersionForm
from billing.program_key import ProgramRequest
from rest.json_only import json_only
from rest.problems import Problem, fault
from rest.responses import WITH_BODY, WITH_CREDITS, WITH_KEY, answers

_CREATED = {
    201: {
        "description": "The version is queued",
        "headers": headers(Location="The URL of the new image.", Idempotent_Replayed=REPLAYED),
    }
}


@router.put(
    "/batches/{uuid:batch_id}/verdicts",
    auth=MAY_WRITE,
    tags=["review"],
    summary="Keep or reject images",
    operation_id="set_verdicts",
    **answers("not_found", *WITH_BODY, ok=schemas.Summary),
)
@decorate_view(json_only)
def set_verdicts(request: ProgramRequest, batch_id: BatchId, body: schemas.Verdicts) -> Json:
    """Store your verdicts by position: `keep`, `reject`, or an empty text for undecided.

    Images that you don't name keep theirs. Positions without an image are ignored.
    """
    batch = find_batch(request.auth.user, batch_id)
    verdicts.record(batch, body.root)
    batch.refresh_from_db()
    return summary(batch)


@router.post(
    "/batches/{uuid:batch_id}/images/{int:position}/again",
    auth=MAY_WRITE,
    tags=["review"],
    summary="Create another version",
    operation_id="make_again",
    **answers(
        "not_found",
        "wrong_state",
        *WITH_BODY,
        *WITH_KEY,
        *WITH_CREDITS,
        "list_too_long",
        "text_limit_reached",
        created=schemas.NewVersion,
        extra={"responses": _CREATED},
    ),
)
@decorate_view(json_only)
def again(
    request: ProgramRequest,
    batch_id: BatchId,
    position: Position,
    body: schemas.Again,
    idempotency_key: IdempotencyKey = "",
) -> Status[Json]:
    """Create another version of an image, with the same prompt or a new one. It is a new image of the same batch.

    Images that failed have no versions: retry the batch instead.
    """
    answer = once(request, idempotency_key, lambda _token: Status(201, _again(request, batch_id, position, body)))
    request.answer_headers["Location"] = answer.value["url"]
    return answer


def _again(request: ProgramRequest, batch_id: UUID, position: int, body: schemas.Again) -> Json:
    batch = find_batch(request.auth.user, batch_id)
    prompt = find_prompt(batch, position)
    wanted = {"text": body.prompt or prompt.text, "quality": body.quality or prompt.quality}
    form = VersionForm(wanted, prompt)
    if not form.is_valid():
        raise Problem("invalid", "The version can't be created. See errors.", errors=_faults(form))
    version = form.submit(batch, request.auth.user)
    if form.refusal:
        raise form.refusal
    if version is None:
        raise Problem("wrong_state", f"The batch's status is {batch.status}, the image's is {prompt.status}.")
    return {
        "position": version.position,
        "name": version.file_name,
        "credits": version.credits,
        "url": image_url(request, batch, version.position),
    }


def _faults(form: VersionForm) -> list[Json]:
    names = {"text": "prompt"}
    return [
        fault(names.get(field, field), error.code or "invalid", " ".join(error.messages))
        for field, errors in form.errors.as_data().items()
        for error in errors
    ]
