from typing import Annotated

from django.http.response import HttpResponseBase
from ninja import Header

from batches.access import find_batch, find_prompt
from batches.api.parameters import BatchId, IfNoneMatch, Position, headers
from batches.api.router import MAY_READ, router
from batches.choices import MADE_PROMPT
from batches.delivery.sending import send_image
from batches.pictures.finish import CONTENT_TYPES
from billing.program_key import ProgramRequest
from lib.byte_ranges import NotSatisfiable
from rest.problems import Problem
from rest.responses import answers

_BYTES = {"content": {each: {"schema": {"type": "string", "format": "binary"}} for each in CONTENT_TYPES.values()}}
_ETAG = headers({"ETag": "The SHA-256 of the image, in quotation marks."})
_PART = headers({"Content-Range": "The range of this part and the size of the image: `bytes 0-1023/1480212`."})
_RESPONSES = {
    200: {"description": "The image", **_BYTES, "headers": {**_ETAG, **headers({"Accept-Ranges": "`bytes`"})}},
    206: {"description": "The part of the image requested with `Range`", **_BYTES, "headers": {**_ETAG, **_PART}},
    304: {"description": "The image hasn't changed: its ETag is in `If-None-Match`", "headers": _ETAG},
}
# Only for the API description: `send_image` reads these headers from the request.
Range = Annotated[str, Header("", alias="Range", description="A range of bytes, such as `bytes=0-1023`.")]
IfRange = Annotated[
    str, Header("", alias="If-Range", description="An ETag. `Range` is ignored if the image has changed.")
]


@router.get(
    "/batches/{uuid:batch_id}/images/{int:position}",
    auth=MAY_READ,
    tags=["images"],
    summary="Download an image",
    operation_id="get_image",
    url_name="image",
    **answers(
        "not_found", "image_gone", "range_not_satisfiable", ok=None, part=None, unchanged=None, responses=_RESPONSES
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
    """Return the image at a position in the list.

    The ETag is the SHA-256 of the image. Use `Range` (one range) and `If-Range` to resume a download.
    """
    prompt = find_prompt(find_batch(request.auth.user, batch_id, "id"), position)
    try:
        answer = send_image(prompt, request.headers)
    except NotSatisfiable as outside:
        headers = {"Content-Range": f"bytes */{prompt.byte_count}"}
        raise Problem(
            "range_not_satisfiable", f"The image has {prompt.byte_count} bytes.", headers=headers
        ) from outside
    if answer is not None:
        return answer
    if prompt.status in MADE_PROMPT:
        raise Problem("image_gone")
    raise Problem("not_found", f"There is no image. Its status is {prompt.status}.")
