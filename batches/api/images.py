"""The bytes of an image over REST."""

from typing import Annotated

from django.http.response import HttpResponseBase
from ninja import Header

from batches.access import find_batch, find_prompt
from batches.api.parameters import BatchId, IfNoneMatch, Position, headers
from batches.api.router import MAY_READ, router
from batches.choices import PromptStatus
from batches.delivery.sending import NotSatisfiable, send_image
from batches.pictures.finish import CONTENT_TYPES
from billing.program_key import ProgramRequest
from rest.problems import Problem
from rest.responses import answers

_BYTES = {"content": {each: {"schema": {"type": "string", "format": "binary"}} for each in CONTENT_TYPES.values()}}
_ETAG = headers(ETag="The SHA-256 of the image, in quotation marks.")
_PART = headers(Content_Range="Which bytes these are, and of how many: `bytes 0-1023/1480212`.")
_RESPONSES = {
    200: {"description": "The image", **_BYTES, "headers": {**_ETAG, **headers(Accept_Ranges="`bytes`")}},
    206: {"description": "The bytes asked for by `Range`", **_BYTES, "headers": {**_ETAG, **_PART}},
    304: {"description": "You have it already: `If-None-Match` is its ETag", "headers": _ETAG},
}
# Told to readers only: `send_image` takes them from the request, as it does for browsers.
Range = Annotated[str, Header("", alias="Range", description="One range of bytes, such as `bytes=0-1023`.")]
IfRange = Annotated[
    str, Header("", alias="If-Range", description="An ETag: `Range` counts only while it is this image.")
]


@router.get(
    "/batches/{uuid:batch_id}/images/{int:position}",
    auth=MAY_READ,
    tags=["images"],
    summary="Fetch an image",
    operation_id="get_image",
    url_name="image",
    **answers(
        "not_found",
        "image_gone",
        "range_not_satisfiable",
        ok=None,
        part=None,
        unchanged=None,
        extra={"responses": _RESPONSES},
    ),
)
def image(
    request: ProgramRequest,
    batch_id: BatchId,
    position: Position,
    part: Range = "",
    if_range: IfRange = "",
    if_none_match: IfNoneMatch = "",
) -> HttpResponseBase:
    """Return the bytes of the image at a position, from 1.

    The ETag is the SHA-256 of the image. `Range` (one range) and `If-Range` resume a download.
    """
    prompt = find_prompt(find_batch(request.auth.user, batch_id, "id"), position)
    try:
        answer = send_image(prompt, request.headers)
    except NotSatisfiable as outside:
        headers = {"Content-Range": f"bytes */{prompt.byte_count}"}
        raise Problem("range_not_satisfiable", f"It has {prompt.byte_count} bytes.", headers=headers) from outside
    if answer is not None:
        return answer
    if prompt.status in (PromptStatus.READY, PromptStatus.EXPIRED):
        raise Problem("image_gone")
    raise Problem("not_found", f"There is no image: it is {prompt.status}.")
