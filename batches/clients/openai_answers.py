"""Responses of the images endpoint: an image or its URL, and the usage."""

import binascii
import json
from dataclasses import dataclass
from typing import Any

import pybase64


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as upstream counts them."""

    text_tokens: int
    image_tokens_in: int
    image_tokens_out: int


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a response: the image itself, or its URL."""

    data: bytes
    url: str
    usage: Usage | None


def content_of(body: bytes) -> Content:
    """Return the content of a body. Raises `ValueError` if it has neither an image nor a URL."""
    answer = json.loads(body)
    images = answer.get("data") if isinstance(answer, dict) else None
    image = images[0] if isinstance(images, list) and images else None
    if not isinstance(image, dict):
        raise ValueError("an answer without images")
    data, url = b"", image.get("url") or ""
    if image.get("b64_json"):
        data = _decoded(image["b64_json"])
    elif isinstance(url, str) and url.startswith("data:"):
        data, url = _decoded(url.partition(",")[2]), ""
    if not data and not (url and isinstance(url, str)):
        raise ValueError("an answer without a picture")
    return Content(data, url, _usage(answer.get("usage")))


def _decoded(text: str) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise ValueError("not base64") from error


def _usage(counted: Any) -> Usage | None:
    """Return the tokens, from the details if there are any; None if the server does not count."""
    if not isinstance(counted, dict):
        return None
    going_in, coming_out = _details(counted, "input_tokens"), _details(counted, "output_tokens")
    usage = Usage(
        text_tokens=_number(going_in.get("text_tokens", counted.get("input_tokens"))),
        image_tokens_in=_number(going_in.get("image_tokens")),
        image_tokens_out=_number(coming_out.get("image_tokens", counted.get("output_tokens"))),
    )
    return usage if usage != Usage(0, 0, 0) else None


def _details(counted: dict[str, Any], name: str) -> dict[str, Any]:
    details = counted.get(f"{name}_details")
    return details if isinstance(details, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
