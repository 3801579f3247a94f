"""REST operations that upload and delete reference photos, and use an image as one for the rest of its batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from django.core.files import File as DjangoFile
from ninja import File, Form, Path, Query, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from batches.access import find_batch, find_prompt, find_reference
from batches.api import schemas
from batches.api.idempotency import REPLAYED, IdempotencyKey, content_of_form, once
from batches.api.parameters import BatchId, Position, headers
from batches.api.representations import Json, summary
from batches.api.router import MAY_WRITE, router
from batches.delivery.storage import open_image
from batches.models import Batch, Prompt, Reference
from batches.references import attaching, uploads
from batches.references.fields import find_all
from batches.references.for_the_rest import Change, change_of, use_image
from batches.references.photos import PhotoRefused
from billing.program_key import ProgramRequest
from rest.json_only import json_only
from rest.problems import Problem, fault
from rest.responses import WITH_BODY, WITH_CREDITS, WITH_KEY, answers

Photo = Annotated[UploadedFile, File(description="A JPEG, PNG, WebP or HEIC file with up to 25 MB and 50 megapixels.")]
ReferenceId = Annotated[UUID, Path(description="The `id` of the photo.")]


@router.post(
    "/references",
    auth=MAY_WRITE,
    tags=["references"],
    summary="Upload a reference photo",
    operation_id="upload_reference",
    **answers(
        "invalid",
        "too_many_references",
        created=schemas.Reference,
        responses={201: {"description": "The photo is stored"}},
    ),
)
def upload(request: ProgramRequest, file: Photo) -> Status[Json]:
    """Store a photo that is sent in a form (`multipart/form-data`).

    We store it as a new JPEG without metadata, with up to 1,024 pixels on its longer side. Send its `id` in the
    `references` of a batch or row. We delete it when the batch ends, or after 24 hours without an open batch.
    """
    with _refusals_of("file"):
        photo = uploads.store(request.auth.user, file)
    return Status(201, {"id": photo.pk, "width": photo.width, "height": photo.height, "bytes": photo.byte_count})


@contextmanager
def _refusals_of(field: str) -> Iterator[None]:
    try:
        yield
    except PhotoRefused as refused:
        errors = [fault(field, refused.code, refused.sentence)]
        raise Problem("invalid", "The photo can't be used. See errors.", errors=errors) from refused
    except OSError as error:
        raise Problem("unavailable", "We can't store photos at the moment. Try again later.") from error


@router.delete(
    "/references/{uuid:reference_id}",
    auth=MAY_WRITE,
    tags=["references"],
    summary="Delete a reference photo",
    operation_id="delete_reference",
    **answers("not_found", empty=None, responses={204: {"description": "The photo was deleted"}}),
)
def delete(request: ProgramRequest, reference_id: ReferenceId) -> Status[None]:
    """Delete the photo at once. Images of open batches that need it fail, and aren't charged."""
    reference = find_reference(request.auth.user, reference_id)
    Reference.objects.filter(pk=reference.pk).discard()
    return Status(204, None)


@router.post(
    "/batches/{uuid:batch_id}/images/{int:position}/rest",
    auth=MAY_WRITE,
    tags=["references"],
    summary="Use an image for the rest",
    operation_id="use_for_the_rest",
    **answers(
        "not_found",
        "wrong_state",
        "too_many_references",
        "text_limit_reached",
        *WITH_KEY,
        *WITH_CREDITS,
        ok=schemas.ForTheRest,
        responses={200: {"headers": headers({"Idempotent-Replayed": REPLAYED})}},
    ),
)
def for_the_rest(
    request: ProgramRequest,
    batch_id: BatchId,
    position: Position,
    image: Annotated[
        UploadedFile | None, File(description="The image, if the server's copy is gone. Up to 25 MB.")
    ] = None,
    style: Annotated[bool, Form(description="Add words to the prompts, so that the style stays the same.")] = False,
    credits: Annotated[int | None, Form(description="If it costs more than this, nothing is done.", ge=0)] = None,
    dry_run: Annotated[bool, Query(description="Return only what would change. Nothing is done.")] = False,
    idempotency_key: IdempotencyKey = "",
) -> Status[Json]:
    """Create the images that are still waiting from this image too. Send a form (`multipart/form-data`).

    It becomes the next reference photo of the batch. Images that are being created, edits, prompts with photos of their
    own and models without photos stay as they are.
    """
    batch = find_batch(request.auth.user, batch_id)
    source = find_prompt(batch, position)
    if dry_run:
        return Status(200, _change(change_of(batch)))

    def act(_token: UUID) -> Status[Json]:
        return Status(200, _use(batch, source, image, style=style, credits=credits))

    return once(request, idempotency_key, act, content_of_form([style, credits], image))


def _use(batch: Batch, source: Prompt, image: UploadedFile | None, *, style: bool, credits: int | None) -> Json:
    if not source.may_edit:
        raise Problem("wrong_state", f"There is no image to use. Its status is {source.status}.")
    offered = change_of(batch)
    limit = offered.credits if credits is None else credits
    if not offered.image_count:
        raise Problem("wrong_state", "No images are waiting that can be created from this one.")
    if offered.credits > limit:
        raise Problem("wrong_state", f"It costs {offered.credits} credits, not {limit}.")
    file = image or open_image(source)
    if file is None:
        gone = fault("image", "image_gone", "The image is no longer on the server. Send the file as well.")
        raise Problem("invalid", "There is no image to use. See errors.", errors=[gone])
    with _refusals_of("image"), file:
        change = use_image(batch, DjangoFile(file), batch.user, credits=limit, has_style=style)
    if change is None:
        raise Problem("wrong_state", "The batch has changed in the meantime, so nothing was done. Try again.")
    return _change(change)


@router.put(
    "/batches/{uuid:batch_id}/references",
    auth=MAY_WRITE,
    tags=["references"],
    summary="Add deleted photos again",
    operation_id="add_references_again",
    **answers("not_found", "references_gone", *WITH_BODY, ok=schemas.Summary),
)
@decorate_view(json_only)
def add_again(request: ProgramRequest, batch_id: BatchId, body: schemas.References) -> Json:
    """Replace the photos of the batch that were deleted, in the same order.

    We delete photos when their batch ends. Images that need them can be retried or created again afterwards.
    """
    batch = find_batch(request.auth.user, batch_id)
    found = find_all(request.auth.user, body.references)
    if not found.keys() >= set(body.references):
        raise attaching.ReferencesGone
    try:
        attaching.fill(batch, [found[each] for each in body.references])
    except attaching.OtherCount as other:
        errors = [fault("references", other.code, other.sentence)]
        raise Problem("invalid", other.sentence, errors=errors) from other
    return summary(batch)


def _change(change: Change) -> Json:
    return {"images": change.image_count, "credits": change.credits, "number": change.number, "style": change.style}
