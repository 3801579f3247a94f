"""The models that the stand-in knows, with what each may be asked for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain

from .errors import ApiError, invalid_size, model_not_found

CLASSIC_SIZES = ("1024x1024", "1536x1024", "1024x1536")
# Output tokens grow with this factor; see `ImageModel.output_tokens`.
THREE_QUALITIES = {"low": 16, "medium": 48, "high": 96}
FIVE_QUALITIES = {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}
# 2.6 is reported to use three to four times the tokens of 2.5 in its two lower qualities.
COSTLY_LOW_QUALITIES = {"low": 3, "medium": 3}
MIN_PIXELS, MAX_PIXELS, MAX_EDGE, EDGE_STEP, MAX_RATIO = 655_360, 8_294_400, 3840, 16, 3


@dataclass(frozen=True)
class Model:
    """A model as `GET /v1/models` lists it."""

    id: str
    created_on: date
    shutdown_on: date | None = None

    @property
    def is_shut_down(self) -> bool:
        """Whether it no longer answers."""
        return self.shutdown_on is not None and self.shutdown_on <= datetime.now(UTC).date()

    def as_json(self) -> dict[str, object]:
        """The model object."""
        created = int(datetime(*self.created_on.timetuple()[:3], tzinfo=UTC).timestamp())
        shutdown = self.shutdown_on and self.shutdown_on.isoformat()
        return {"id": self.id, "object": "model", "created": created, "owned_by": "system", "shutdown_date": shutdown}


@dataclass(frozen=True)
class ImageModel(Model):
    """A model that makes images. `factors` has the token factor of each quality."""

    factors: Mapping[str, int] = field(default_factory=lambda: THREE_QUALITIES)
    surcharges: Mapping[str, int] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()

    def dimensions(self, size: str) -> tuple[int, int]:
        """Width and height in pixels of an asked size; "auto" is a square. A size that is not allowed raises."""
        if size == "auto":
            return 1024, 1024
        width, height = _parsed(size)
        if self.sizes and size not in self.sizes:
            raise invalid_size(size, f"Supported sizes are {', '.join(self.sizes)}, and auto.")
        if not self.sizes:
            _check_free_size(size, width, height)
        return width, height

    def output_tokens(self, quality: str, width: int, height: int) -> int:
        """The tokens of one image. A derived formula that reproduces the published prices of 2 and 2.5."""
        factor = self.factors[quality]
        short, long = sorted((width, height))
        side = math.floor(factor * short / long + 0.5)
        return math.ceil(factor * side * (2_000_000 + width * height) / 4_000_000) * self.surcharges.get(quality, 1)


def _parsed(size: str) -> tuple[int, int]:
    width, cross, height = size.partition("x")
    if not (cross and width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        raise invalid_size(size, "Expected WIDTHxHEIGHT or auto.")
    if len(size) > 11:
        raise invalid_size(size, f"The longest edge must be less than or equal to {MAX_EDGE}.")
    return int(width), int(height)


def _check_free_size(size: str, width: int, height: int) -> None:
    problem: ApiError | None = None
    if max(width, height) > MAX_EDGE:
        problem = invalid_size(size, f"The longest edge must be less than or equal to {MAX_EDGE}.")
    elif width % EDGE_STEP or height % EDGE_STEP:
        problem = invalid_size(size, f"Width and height must both be divisible by {EDGE_STEP}.")
    elif max(width, height) > MAX_RATIO * min(width, height):
        problem = invalid_size(size, f"The aspect ratio must be between 1:{MAX_RATIO} and {MAX_RATIO}:1.")
    elif width * height < MIN_PIXELS:
        problem = invalid_size(size, f"The total number of pixels must be at least {MIN_PIXELS}.")
    elif width * height > MAX_PIXELS:
        problem = invalid_size(size, f"The total number of pixels must be at most {MAX_PIXELS}.")
    if problem:
        raise problem


def _image_models() -> list[ImageModel]:
    released_26, released_25, released_2 = date(2026, 11, 4), date(2026, 9, 8), date(2026, 4, 21)
    last_day = date(2026, 12, 1)
    return [
        *(
            ImageModel(f"gpt-image-2.6-{name}", released_26, None, FIVE_QUALITIES, COSTLY_LOW_QUALITIES)
            for name in ("flare", "sunburst")
        ),
        *(
            ImageModel(f"gpt-image-2.5-{name}{snapshot}", released_25, None, FIVE_QUALITIES)
            for name in ("flare", "sunburst")
            for snapshot in ("", "-2026-09-08")
        ),
        *(ImageModel(f"gpt-image-2{snapshot}", released_2) for snapshot in ("", "-2026-04-21")),
        *(
            ImageModel(name, date(2025, 12, 16), last_day, sizes=CLASSIC_SIZES)
            for name in ("gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image-latest")
        ),
        ImageModel("gpt-image-1", date(2025, 4, 23), date(2026, 10, 23), sizes=CLASSIC_SIZES),
    ]


IMAGE_MODELS = {model.id: model for model in _image_models()}
TEXT_MODELS = {name: Model(name, date(2026, 10, 1)) for name in ("gpt-6-luna", "gpt-6.1-terra", "gpt-5.6-luna")}
MODERATION_MODELS = {
    name: Model(name, date(2024, 9, 26)) for name in ("omni-moderation-latest", "omni-moderation-2024-09-26")
}


def image_model(name: str) -> ImageModel:
    """The image model of that name, if it still answers."""
    model = IMAGE_MODELS.get(name)
    if model is None or model.is_shut_down:
        raise model_not_found(name)
    return model


def available() -> dict[str, Model]:
    """Every model that answers today, by its id."""
    models = chain(IMAGE_MODELS.values(), TEXT_MODELS.values(), MODERATION_MODELS.values())
    return {model.id: model for model in models if not model.is_shut_down}
