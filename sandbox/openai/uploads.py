"""Reference images and masks of an edit, from a multipart form or from JSON."""

import base64
import binascii
from io import BytesIO
from typing import Any

from django.http import HttpRequest
from PIL import Image

from .errors import ApiError, invalid_image, missing

MAX_REFERENCES, MAX_IMAGE_BYTES, MAX_MASK_BYTES, MAX_DATA_URL_CHARACTERS = 16, 50_000_000, 4_000_000, 20_971_520
FORMATS = ("PNG", "JPEG", "WEBP")


def from_form(request: HttpRequest) -> dict[str, Any]:
    """The parts `image` or `image[]`, and `mask`."""
    parts = [*request.FILES.getlist("image"), *request.FILES.getlist("image[]")]
    references = _references([part.read() for part in parts], "image")
    mask = request.FILES.get("mask")
    return {"references": references, "mask": mask and _mask(mask.read(), references[0])}


def from_json(fields: dict[str, Any]) -> dict[str, Any]:
    """The objects in `images`, and `mask`; both are taken out of the fields."""
    images, mask = fields.pop("images", None), fields.pop("mask", None)
    if not isinstance(images, list):
        raise missing("images")
    references = _references([_bytes(image, "images") for image in images], "images")
    return {"references": references, "mask": mask and _mask(_bytes(mask, "mask"), references[0])}


def _references(contents: list[bytes], name: str) -> list[Image.Image]:
    if not contents:
        raise missing(name)
    if len(contents) > MAX_REFERENCES:
        raise invalid_image(name, f"at most {MAX_REFERENCES} images are allowed.")
    return [_opened(content, name, MAX_IMAGE_BYTES) for content in contents]


def _bytes(source: Any, name: str) -> bytes:
    url = source.get("image_url") if isinstance(source, dict) else None
    if not isinstance(url, str) or not url.startswith("data:image/") or len(url) > MAX_DATA_URL_CHARACTERS:
        raise invalid_image(name, "the sandbox takes data URLs only, of at most 20 MB.")
    try:
        return base64.b64decode(url.partition(";base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        raise invalid_image(name, "the data URL is not valid base64.") from None


def _opened(content: bytes, name: str, limit: int) -> Image.Image:
    if len(content) >= limit:
        raise invalid_image(name, f"the file must be smaller than {limit // 1_000_000} MB.")
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise invalid_image(name, "please check your image file.") from None
    return image


def _mask(content: bytes, first: Image.Image) -> Image.Image:
    mask = _opened(content, "mask", MAX_MASK_BYTES)
    problem: ApiError | None = None
    if mask.format != "PNG" or not mask.has_transparency_data:
        problem = invalid_image("mask", "the mask must be a PNG with an alpha channel.")
    elif mask.size != first.size:
        problem = invalid_image("mask", "the mask must have the dimensions of the first image.")
    if problem:
        raise problem
    return mask
