"""What a request for images asks for, checked as the real API checks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .catalogue import ImageModel, image_model
from .errors import BAD_REQUEST, ApiError, invalid, missing, unknown_parameter

MAX_PROMPT_CHARACTERS, MAX_IMAGES, MAX_IDENTIFIER_CHARACTERS = 32_000, 10, 128
FORMATS, BACKGROUNDS = ("png", "jpeg", "webp"), ("transparent", "opaque", "auto")
GENERATION_PARAMETERS = {
    "model", "prompt", "n", "size", "quality", "output_format", "output_compression", "background", "moderation",
    "safety_identifier", "user", "stream", "partial_images",
}  # fmt: skip
EDIT_PARAMETERS = GENERATION_PARAMETERS | {"input_fidelity"}


@dataclass(frozen=True)
class ImageOrder:
    """A valid request: sizes in pixels, compression from 0 to 100."""

    model: ImageModel
    prompt: str
    count: int
    width: int
    height: int
    quality: str
    output_format: str
    compression: int
    background: str
    safety_identifier: str
    user: str
    references: list[Image.Image] = field(default_factory=list)
    mask: Image.Image | None = None

    @property
    def size(self) -> str:
        """The size as the API writes it."""
        return f"{self.width}x{self.height}"


def image_order(fields: Mapping[str, Any], known: set[str], **images: Any) -> ImageOrder:
    """The order in a request's parameters; raises the `ApiError` that the API would answer.

    `images` are the references and the mask of an edit.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    _refuse_unknown(given, known)
    model = image_model(text(given, "model", required=True))
    width, height = model.dimensions(text(given, "size", "auto"))
    output_format = choice(given, "output_format", FORMATS, "png")
    background = choice(given, "background", BACKGROUNDS, "auto")
    choice(given, "moderation", ("auto", "low"), "auto")
    if background == "transparent" and output_format == "jpeg":
        raise invalid("background", "Transparent background is not supported for JPEG output format.")
    return ImageOrder(
        model=model,
        prompt=prompt(given),
        count=whole_number(given, "n", 1, MAX_IMAGES, 1),
        width=width,
        height=height,
        quality=_quality(given, model),
        output_format=output_format,
        compression=_compression(given, output_format),
        background="opaque" if background == "auto" else background,
        safety_identifier=text(given, "safety_identifier", longest=MAX_IDENTIFIER_CHARACTERS),
        user=text(given, "user"),
        **images,
    )


def _refuse_unknown(given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise unknown_parameter(unknown[0])
    if str(given.get("stream", "")).lower() == "true":
        raise ApiError(400, BAD_REQUEST, "unsupported_value", "The sandbox does not stream images.", param="stream")


def text(given: Mapping[str, Any], name: str, default: str = "", *, required: bool = False, longest: int = 0) -> str:
    """A parameter that is text, without half surrogates, which no other encoding can carry."""
    if required and name not in given:
        raise missing(name)
    value = given.get(name, default)
    if not isinstance(value, str):
        raise invalid(name, f"Invalid type for '{name}': expected a string.", "invalid_type")
    if longest and len(value) > longest:
        message = f"Invalid '{name}': string too long. Expected at most {longest} characters, got {len(value)}."
        raise invalid(name, message, "string_above_max_length")
    return value.encode("utf-8", "replace").decode()


def prompt(given: Mapping[str, Any]) -> str:
    """The prompt: required, not empty, not too long."""
    value = text(given, "prompt", required=True, longest=MAX_PROMPT_CHARACTERS)
    if not value.strip():
        message = "Invalid 'prompt': empty string. Expected at least 1 character."
        raise invalid("prompt", message, "empty_string")
    return value


def choice(given: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    """A parameter that takes one of some words."""
    value = text(given, name, default)
    if value not in allowed:
        raise invalid(name, f"Invalid value: '{value}'. Supported values are: {', '.join(map(repr, allowed))}.")
    return value


def whole_number(given: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    """A parameter that is a whole number; multipart forms send it as text."""
    value = given.get(name, default)
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(name, f"Invalid type for '{name}': expected an integer.", "invalid_type")
    if value < least:
        message = (
            f"Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got {value} instead."
        )
        raise invalid(name, message, "integer_below_min_value")
    if value > most:
        message = f"Invalid '{name}': integer above maximum value. Expected a value <= {most}, but got {value} instead."
        raise invalid(name, message, "integer_above_max_value")
    return value


def _quality(given: Mapping[str, Any], model: ImageModel) -> str:
    quality = choice(given, "quality", (*model.factors, "auto"), "auto")
    return "medium" if quality == "auto" else quality


def _compression(given: Mapping[str, Any], output_format: str) -> int:
    compression = whole_number(given, "output_compression", 0, 100, 100)
    if compression < 100 and output_format == "png":
        message = "Compression less than 100 is not supported for PNG output format"
        raise invalid("output_compression", message, "invalid_png_output_compression")
    return compression
