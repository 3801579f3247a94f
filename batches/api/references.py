"""REST operations that upload and delete reference photos."""

from typing import Annotated
from uuid import UUID

from ninja import File, Path, Status
from ninja.files import UploadedFile

from batches.access import find_reference
from batches.api import schemas
from batches.api.representations import Json
from batches.api.router import MAY_WRITE, router
from batches.models import Reference
from batches.references import uploads
from batches.references.photos import PhotoRefused
from billing.program_key import ProgramRequest
from rest.problems import Problem, fault
from rest.responses import answers

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
        extra={"responses": {201: {"description": "The photo is stored"}}},
    ),
)
def upload(request: ProgramRequest, file: Photo) -> Status[Json]:
    """Store a photo, in a form (`multipart/form-data`).

    We save it anew as a JPEG without metadata, with up to 1,024 pixels on its longer side. Name its `id` in the
    `references` of a batch or of a row. We delete it when the batch ends, or after 24 hours without an open batch.
    """
    try:
        reference = uploads.store(request.auth.user, file)
    except PhotoRefused as refused:
        raise Problem(
            "invalid",
            "The photo can't be used. See errors.",
            errors=[fault("file", refused.code, refused.sentence)],
        ) from refused
    except OSError as error:
        raise Problem("unavailable", "We can't store photos at the moment. Try again later.") from error
    return Status(201, _reference(reference))


@router.delete(
    "/references/{uuid:reference_id}",
    auth=MAY_WRITE,
    tags=["references"],
    summary="Delete a reference photo",
    operation_id="delete_reference",
    **answers("not_found", empty=None, extra={"responses": {204: {"description": "The photo was deleted"}}}),
)
def delete(request: ProgramRequest, reference_id: ReferenceId) -> Status[None]:
    """Delete the photo at once. Images of open batches that need it fail, and aren't charged."""
    reference = find_reference(request.auth.user, reference_id)
    Reference.objects.filter(pk=reference.pk).discard()
    return Status(204, None)


def _reference(reference: Reference) -> Json:
    return {
        "id": reference.pk,
        "width": reference.width,
        "height": reference.height,
        "bytes": reference.byte_count,
    }
