from batches.access import find_batch
from batches.api.parameters import BatchId, headers
from batches.api.router import MAY_READ, router
from batches.delivery import archive
from billing.program_key import ProgramRequest
from rest import downloads
from rest.problems import Problem
from rest.responses import answers

_ZIP = {
    "description": "The ZIP",
    "content": {downloads.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    "headers": headers(
        {
            "Content-Length": "The size in bytes, to check that the download is complete.",
            "Content-Disposition": "The file name, based on the batch's title.",
        }
    ),
}


@router.get(
    "/batches/{uuid:batch_id}/zip",
    auth=MAY_READ,
    tags=["images"],
    summary="Download a ZIP",
    operation_id="get_batch_zip",
    url_name="zip",
    **answers("not_found", "image_gone", ok=None, responses={200: _ZIP}),
)
def archived(request: ProgramRequest, batch_id: BatchId) -> downloads.Download:
    """Return the images that are ready, in list order, and `manifest.csv`, which lists all prompts.

    The ZIP only has the images that are ready when you request it. Wait until the batch is finished to get them all.
    You can download two ZIPs at a time. The response to another one is 429.
    """
    try:
        return archive.archive(find_batch(request.auth.user, batch_id)).as_response(request.auth.user)
    except downloads.TooManyDownloads as many:
        sentence = f"{downloads.PER_USER} downloads of ZIPs are running. Try again when one has finished."
        raise Problem("too_many_requests", sentence, headers=downloads.RETRY_AFTER) from many
    except archive.NothingReady as nothing:
        raise Problem("not_found", "No image of this batch is ready yet.") from nothing
    except archive.NothingLeft as nothing:
        raise Problem("image_gone", "The images of this batch are no longer on the server.") from nothing
