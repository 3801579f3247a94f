"""The bytes of an image over REST."""

from typing import Annotated
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Header

from accounts.problems import Problem
from batches.access import find_batch, find_prompt
from batches.api.router import MAY_READ, router
from batches.api.statuses import answers
from batches.choices import PromptStatus
from batches.pictures import CONTENT_TYPES
from batches.sending import NotSatisfiable, send_image
from billing.program_key import ProgramRequest

_BYTES = {"content": {each: {"schema": {"type": "string", "format": "binary"}} for each in CONTENT_TYPES.values()}}
_RESPONSES = {
    200: {"description": "The image", **_BYTES},
    206: {"description": "The bytes asked for by `Range`", **_BYTES},
    304: {"description": "You have it already: `If-None-Match` is its ETag"},
}
RangeHeader = Annotated[str, Header("", alias="Range", description="One range of bytes, e.g. `bytes=0-1023`.")]


@router.get(
    "/batches/{uuid:batch_id}/images/{int:position}",
    auth=MAY_READ,
    tags=["images"],
    response={200: None, 206: None, 304: None, **answers(404, 410, 416)},
    openapi_extra={"responses": _RESPONSES},
    summary="Fetch an image",
    url_name="image",
)
def image(request: ProgramRequest, batch_id: UUID, position: int) -> HttpResponseBase:
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
