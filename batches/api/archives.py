"""A whole batch as one ZIP over REST."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from batches.access import find_batch
from batches.api.parameters import BatchId, headers
from batches.api.router import MAY_READ, router
from batches.delivery import archive
from billing.program_key import ProgramRequest
from rest.problems import Problem
from rest.responses import answers

_ZIP = {
    "description": "The ZIP",
    "content": {archive.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    "headers": headers(
        Content_Length="Its size in bytes: less has arrived if the download was cut off.",
        Content_Disposition="Its name, made from the title of the batch.",
    ),
}


@router.get(
    "/batches/{uuid:batch_id}/zip",
    auth=MAY_READ,
    tags=["images"],
    summary="Fetch a batch as one ZIP",
    operation_id="get_batch_zip",
    url_name="zip",
    **answers("not_found", "image_gone", ok=None, extra={"responses": {200: _ZIP}}),
)
def archived(request: ProgramRequest, batch_id: BatchId) -> StreamingHttpResponse:
    """Return the images that are ready, in list order, and `manifest.csv`, which tells of all.

    It is written while it is sent. What is still under way is missing: wait for the batch to be finished.
    """
    try:
        made = archive.archive(find_batch(request.auth.user, batch_id))
    except archive.NothingReady as nothing:
        raise Problem("not_found", "No image of this batch has been made yet.") from nothing
    except archive.NothingLeft as nothing:
        raise Problem("image_gone", "The server does not have the images of this batch any more.") from nothing
    headers = {
        "Content-Length": str(made.byte_count),
        "Content-Disposition": content_disposition_header(True, made.name) or "",
    }
    return StreamingHttpResponse(made.chunks, content_type=archive.CONTENT_TYPE, headers=headers)
