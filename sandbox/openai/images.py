"""`POST /v1/images/generations` and `POST /v1/images/edits`."""

import base64
import json
import secrets
import time
from collections import OrderedDict
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from PIL import Image

from sandbox.behaviour import DIRECTOR
from sandbox.calls import LOG, Call
from sandbox.drawing import files
from sandbox.drawing.picture import draw

from . import connection, faults, uploads, usage
from .endpoint import endpoint, json_object
from .errors import invalid, rate_limited
from .parameters import EDIT_PARAMETERS, GENERATION_PARAMETERS, ImageOrder, image_order

MODELS_WITHOUT_FIDELITY = ("gpt-image-2", "gpt-image-2-2026-04-21")
WRONG_SIZE = (1200, 900)
LARGE_FILE_BYTES = 30_000_000  # 40 MB in base64
KEPT_FILES = 50
CLIENT_GONE = 499  # only in the log: the client has closed the connection
PUBLISHED: OrderedDict[str, bytes] = OrderedDict()
HTML = "<!doctype html><title>502</title><h1>Bad gateway</h1><p>This is no JSON, although the status is 200.</p>"


@endpoint("POST")
def generations(request: HttpRequest, call: Call) -> HttpResponseBase:
    """Make images from a prompt."""
    return _answer(request, call, image_order(json_object(request), GENERATION_PARAMETERS))


@endpoint("POST")
def edits(request: HttpRequest, call: Call) -> HttpResponseBase:
    """Make images from a prompt and one to sixteen reference images."""
    if request.content_type == "multipart/form-data":
        fields, images = request.POST.dict(), uploads.from_form(request)
    else:
        fields = json_object(request)
        images = uploads.from_json(fields)
    if "input_fidelity" in fields and fields.get("model") in MODELS_WITHOUT_FIDELITY:
        message = "The parameter 'input_fidelity' is not supported by this model."
        raise invalid("input_fidelity", message, "invalid_input_fidelity_model")
    return _answer(request, call, image_order(fields, EDIT_PARAMETERS, **images))


def _answer(request: HttpRequest, call: Call, order: ImageOrder) -> HttpResponseBase:
    struck = faults.due(order.prompt, "images")
    words = {fault.word for fault in struck}
    _describe(call, order, words)
    faults.refuse_at_once(struck, order.model.id)
    if not DIRECTOR.admits(order.count):
        behaviour = DIRECTOR.current
        raise rate_limited(order.model.id, behaviour.retry_after_seconds, behaviour.images_per_minute or 0)
    if not connection.wait(request, partial(faults.delay_seconds, struck)):
        return HttpResponse(status=CLIENT_GONE)
    faults.refuse(struck, order.model.id)
    if "drop" in words:
        return connection.dropped(request)
    response = _response(request, order, words)
    return connection.half(request, response) if "half" in words else response


def _describe(call: Call, order: ImageOrder, words: set[str]) -> None:
    call.prompt, call.model, call.size, call.quality = order.prompt, order.model.id, order.size, order.quality
    call.image_count, call.reference_count = order.count, len(order.references)
    call.safety_identifier, call.user, call.fault = order.safety_identifier, order.user, " ".join(sorted(words))
    LOG.start(call)


def _response(request: HttpRequest, order: ImageOrder, words: set[str]) -> HttpResponse:
    if "garbage" in words:
        return HttpResponse(HTML)
    images = [] if "empty" in words else [_image(order, words, number) for number in range(order.count)]
    key = "b64_json"
    if "url" in words:
        key, images = "url", [_published(request, image) for image in images]
    return HttpResponse(_body(order, key, images), content_type="application/json")


def _body(order: ImageOrder, key: str, images: list[bytes]) -> bytes:
    """The JSON of an answer. The images are put in as they are: base64 needs no escapes, and they are long."""
    about = {
        "created": int(time.time()),
        "background": order.background,
        "output_format": order.output_format,
        "quality": order.quality,
        "size": order.size,
        "usage": usage.of_images(order),
    }
    if order.safety_identifier:
        about["safety_identifier"] = order.safety_identifier
    entries = b",".join(b'{"%s":"%s"}' % (key.encode(), image) for image in images)
    return json.dumps(about).encode()[:-1] + b', "data": [' + entries + b"]}"


def _image(order: ImageOrder, words: set[str], number: int) -> bytes:
    """One image in base64, with the faults that concern it."""
    size = WRONG_SIZE if "wrong size" in words else (order.width, order.height)
    wanted = LARGE_FILE_BYTES if "40mb" in words else DIRECTOR.current.image_bytes
    if "text" in words:
        return base64.b64encode(files.text_file(order.prompt))
    if "huge" in words:
        return base64.b64encode(files.huge_png())
    if wanted and order.output_format == "png" and not order.references and not words & {"alpha", "wrong format"}:
        return files.padded_base64(size, wanted, f"{number} {order.prompt}")
    is_transparent = "alpha" in words or order.background == "transparent"
    picture = _drawn(order, size, number, is_transparent)
    output_format = "png" if "alpha" in words else order.output_format
    if "wrong format" in words:
        output_format = "jpeg" if output_format == "png" else "png"
    return base64.b64encode(files.encode(picture, output_format, order.compression))


def _drawn(order: ImageOrder, size: tuple[int, int], number: int, is_transparent: bool) -> Image.Image:
    return draw(
        order.prompt,
        size,
        variant=number,
        fine=order.quality != "low",
        reference=order.references[0] if order.references else None,
        mask=order.mask,
        transparent=is_transparent,
    )


def _published(request: HttpRequest, image: bytes) -> bytes:
    """Keep an image for a while, and tell its address."""
    name = secrets.token_hex(8)
    PUBLISHED[name] = base64.b64decode(image)
    while len(PUBLISHED) > KEPT_FILES:
        PUBLISHED.popitem(last=False)
    return request.build_absolute_uri(reverse("file", args=[name])).encode()
