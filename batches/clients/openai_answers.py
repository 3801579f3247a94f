"""Responses of the images endpoint: an image or its URL, and the usage."""

import binascii
import json
from dataclasses import dataclass
from typing import Any

import pybase64

_URL_SAFE = str.maketrans("-_", "+/")


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
    answer = _object(body)
    images = answer.get("data", [answer])
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


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object; the last one of an event stream, which some servers send unasked."""
    if body[:64].lstrip().startswith((b"event:", b"data:", b":")):
        events = [line.removeprefix(b"data:") for line in body.splitlines() if line.startswith(b"data:")]
        body = next((event for event in reversed(events) if event.strip() != b"[DONE]"), b"")
    answer = json.loads(body)
    if not isinstance(answer, dict) or str(answer.get("type")).endswith("partial_image"):
        raise ValueError("an answer without images")
    return answer


def _decoded(text: str) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        return _decoded_leniently(text, error)


def _decoded_leniently(text: str, error: Exception) -> bytes:
    """Decode what other servers send: a data URL, line ends, the URL-safe alphabet, no padding."""
    if not isinstance(text, str):
        raise ValueError("not base64") from error
    if text.startswith("data:"):
        text = text.partition(",")[2]
    text = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return pybase64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as invalid:
        raise ValueError("not base64") from invalid


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
