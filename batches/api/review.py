"""REST operations that review images: verdicts, and further versions, edited ones as well."""

from typing import Annotated
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from ninja import File, Form, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from batches.access import find_batch, find_prompt
from batches.api import schemas
from batches.api.idempotency import REPLAYED, IdempotencyKey, content_of_form, once
from batches.api.parameters import BatchId, Position, headers
from batches.api.representations import Json, image_url, summary
from batches.api.router import MAY_WRITE, router
from batches.editing.forms import EditForm
from batches.forms import PromptForm
from batches.models import Prompt
from batches.review import verdicts
from batches.review.forms import VersionForm
from billing.program_key import ProgramRequest
from rest.json_only import json_only
from rest.problems import Problem, fault
from rest.responses import WITH_BODY, WITH_CREDITS, WITH_KEY, answers

_CREATED = {
    201: {
        "description": "The version is queued",
        "headers": headers({"Location": "The URL of the new image.", "Idempotent-Replayed": REPLAYED}),
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

    The verdicts of other images don't change. Positions without an image are ignored.
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
        responses=_CREATED,
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

    def act(_token: UUID) -> Status[Json]:
        return Status(201, _again(request, batch_id, position, body))

    answer = once(request, idempotency_key, act, is_atomic=True)
    request.answer_headers["Location"] = answer.value["url"]
    return answer


def _again(request: ProgramRequest, batch_id: UUID, position: int, body: schemas.Again) -> Json:
    batch = find_batch(request.auth.user, batch_id)
    prompt = find_prompt(batch, position)
    wanted = {"text": body.prompt or prompt.text, "quality": body.quality or prompt.quality}
    form = VersionForm(wanted, prompt)
    if not form.is_valid():
        raise Problem("invalid", "The version can't be created. See errors.", errors=_faults(form, text="prompt"))
    version = form.submit(batch, request.auth.user)
    if form.refusal:
        raise form.refusal
    if version is None and prompt.is_edit:
        raise Problem("wrong_state", "The image is an edit. Edit the image that it changes once more.")
    if version is None:
        raise Problem("wrong_state", f"The batch's status is {batch.status}, the image's is {prompt.status}.")
    return _version(request, version)


def _version(request: ProgramRequest, version: Prompt) -> Json:
    return {
        "position": version.position,
        "name": version.file_name,
        "credits": version.credits,
        "url": image_url(request, version.batch, version.position),
    }


Upload = Annotated[
    UploadedFile | None,
    File(description="The image, if the server's copy is gone. A JPEG, PNG, WebP or HEIC file with up to 25 MB."),
]
MaskUpload = Annotated[
    UploadedFile | None,
    File(description="A PNG of the image's size. Only its transparent parts change. Without a mask, all may change."),
]


@router.post(
    "/batches/{uuid:batch_id}/images/{int:position}/edit",
    auth=MAY_WRITE,
    tags=["review"],
    summary="Edit an image",
    operation_id="edit_image",
    **answers(
        "not_found",
        "wrong_state",
        "invalid",
        *WITH_KEY,
        *WITH_CREDITS,
        "list_too_long",
        "text_limit_reached",
        created=schemas.NewVersion,
        responses=_CREATED,
    ),
)
def edit(
    request: ProgramRequest,
    batch_id: BatchId,
    position: Position,
    instruction: Annotated[str, Form(description="What should change, with up to 8,000 characters.")],
    image: Upload = None,
    mask: MaskUpload = None,
    model: Annotated[str, Form(description="A model code from `GET /models`. Defaults to the image's model.")] = "",
    quality: Annotated[str, Form(description="Defaults to the image's quality.")] = "",
    idempotency_key: IdempotencyKey = "",
) -> Status[Json]:
    """Create a version that changes an image by an instruction. Send a form (`multipart/form-data`).

    It is a new image of the same batch. The batch's style isn't added to the instruction. You can also send another
    image than that of the position. We store it as a new JPEG without metadata, but don't scale it.
    """
    batch = find_batch(request.auth.user, batch_id)
    source = find_prompt(batch, position)
    if not source.may_edit:
        raise Problem("wrong_state", f"There is no image to edit. Its status is {source.status}.")
    price = f"{model or source.image_model.code}/{quality or source.quality}"
    data = {"text": instruction, "area": "painted" if mask else "whole", "price": price}

    def act(token: UUID) -> Status[Json]:
        form = EditForm(data | {"submission_key": token}, request.FILES, source)
        return Status(201, _edited(request, form))

    answer = once(request, idempotency_key, act, content_of_form([data], image, mask))
    request.answer_headers["Location"] = answer.value["url"]
    return answer


def _edited(request: ProgramRequest, form: EditForm) -> Json:
    if not form.is_valid():
        raise Problem(
            "invalid", "The image can't be edited. See errors.", errors=_faults(form, text="instruction", price="model")
        )
    version = form.submit(request.auth.user)
    if form.refusal:
        raise form.refusal
    if form.has_error(NON_FIELD_ERRORS, "unavailable"):
        raise Problem("unavailable", "We can't store images at the moment. Try again later.")
    if version is None:
        raise Problem("wrong_state", f"The image's status is {form.prompt.status}.")
    return _version(request, version)


def _faults(form: PromptForm, **names: str) -> list[Json]:
    return [
        fault(names.get(field, field), error.code or "invalid", " ".join(error.messages))
        for field, errors in form.errors.as_data().items()
        for error in errors
    ]
