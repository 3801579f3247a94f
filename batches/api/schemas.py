"""Schemas of requests and responses, with examples."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StrictInt
from pydantic_core import PydanticCustomError

from batches.api import examples
from batches.choices import IMAGE_FORMATS, Format, Kind, PromptStatus, Quality, Ratio, Verdict
from batches.choices import BatchStatus as States
from batches.forms import MODES
from batches.lists import parsing
from batches.orders.rows import MAX_STYLE_CHARACTERS
from batches.references.attaching import MAX_REFERENCES
from batches.references.uploads import MAX_UNUSED
from rest.bodies import Body

VerdictName = Literal["", "keep", "reject"]


def field(default: Any = ..., description: str | None = None, **rules: Any) -> Any:
    """Return a field whose rules are only in the API description: the form validates them."""
    return Field(default, description=description, json_schema_extra=rules)


def one_of(values: Any, default: Any = ..., description: str | None = None) -> Any:
    return field(default, description, enum=list(values))


def _as_row(entry: Any) -> Any:
    if not isinstance(entry, str | dict):
        raise PydanticCustomError("not_a_prompt", "Send text, or an object with a prompt.")
    return {"prompt": entry} if isinstance(entry, str) else entry


def _not_endless(entries: Any) -> Any:
    # Checked before the entries, because a million invalid entries would cause a million errors.
    if isinstance(entries, list) and len(entries) > parsing.MAX_PROMPTS:
        limit = {"limit": parsing.MAX_PROMPTS, "count": len(entries)}
        raise PydanticCustomError("too_many_prompts", "A batch can have up to {limit} prompts, not {count}.", limit)
    return entries


class PromptRow(BaseModel):
    """A prompt with its own options. Missing or null options use the batch's."""

    # Not a Ninja `Schema`, which would take twice as long, because it supports Django objects.

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.ROW]})

    prompt: str = field(minLength=1, maxLength=parsing.MAX_PROMPT_CHARACTERS)
    name: str | None = Field(None, description="The file name. If missing, it's based on the prompt.")
    ratio: str | None = one_of([*Ratio.values, None], None)
    format: str | None = one_of([*IMAGE_FORMATS, None], None)
    style: str | None = field(None, "Replaces the batch's style. Empty for no style.", maxLength=MAX_STYLE_CHARACTERS)
    model: str | None = field(None, "A model code from `GET /models`.")
    quality: str | None = one_of([*Quality.values, None], None)
    references: list[UUID] | None = field(
        None, "Reference photos of this prompt instead of the batch's. Empty for none.", maxItems=MAX_REFERENCES
    )
    seconds: StrictInt | None = field(None, "The length of a video.")


Prompt = Annotated[PromptRow, BeforeValidator(_as_row, json_schema_input_type=str | PromptRow)]


class NewBatch(Body):
    """A list of prompts and its options. Missing or null options have their defaults."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.NEW_BATCH]})

    prompts: Annotated[list[Prompt], BeforeValidator(_not_endless)] = Field(
        description="Text, or objects with their own options. Up to 1,000 prompts, or your plan's limit.",
        json_schema_extra={"minItems": 1, "maxItems": parsing.MAX_PROMPTS},
    )
    names: Annotated[list[str | None] | None, BeforeValidator(_not_endless)] = Field(
        [],
        description="File names, in the order of the prompts. Empty, null or missing names are based on the prompts. "
        "Without any names, the images are numbered.",
        json_schema_extra={"maxItems": parsing.MAX_PROMPTS},
    )
    style: str | None = field("", "We add this to the end of every prompt.", maxLength=MAX_STYLE_CHARACTERS)
    model: str | None = Field(None, description="A model code from `GET /models`. The first model is the default.")
    quality: str | None = one_of([*Quality.values, None], Quality.LOW.value, "`GET /models` lists those of each model.")
    format: str | None = one_of([*IMAGE_FORMATS, None], Format.PNG.value, "Of images. Videos are MP4 files.")
    ratio: str | None = one_of([*Ratio.values, None], Ratio.SQUARE.value)
    seconds: StrictInt | None = field(None, "The length of videos. The shortest of the model is the default.")
    title: str | None = field("", "The title of the batch on the site, and the ZIP's file name.", maxLength=120)
    references: list[UUID] | None = field(
        [],
        'Reference photos that every image is created from, by their `id`. Prompts can say "image 1", "image 2". '
        "They cost `reference_credits` of the model per photo and image, and are deleted when the batch ends.",
        maxItems=MAX_REFERENCES,
    )
    mode: str | None = one_of([*MODES, None], "now", "`economy` isn't available yet.")
    webhook_url: str | None = field(
        None, "A URL on your server. We send it a webhook when the batch is on hold and when it ends.", maxLength=500
    )


class Credits(Schema):
    """What the batch costs if every image succeeds, and the credits left afterwards."""

    needed: int
    left: int


class Submitted(Schema):
    """A new batch. Its credits are reserved."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUBMITTED]})

    id: UUID
    status: str = one_of(States.values)
    total: int
    credits: Credits
    url: str


class BillRow(Schema):
    """The cost of one image."""

    position: int
    prompt: str
    name: str
    credits: int


class Refused(Schema):
    """Why the batch can't start now."""

    code: str
    message: str


class Bill(Schema):
    """What the batch would cost. Nothing is stored. `credits.left` is what you have before the batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BILL]})

    total: int
    credits: Credits
    reference_credits: int = Field(description="The part of `credits.needed` that is for reference photos.")
    seconds: float = Field(description="Estimated duration in seconds.")
    refusal: Refused | None
    images: list[BillRow]


# Not a Ninja `Schema`, for the same reason as `PromptRow`.
class ImageError(BaseModel):
    """Why an image failed."""

    code: str
    message: str


class Image(BaseModel):
    """One prompt and its image."""

    position: int
    kind: str = one_of(Kind.values)
    origin: int | None = Field(description="The position of the image of which this is a version, or null.")
    is_edit: bool = Field(description="Whether its prompt is an instruction to change that image.")
    version: int
    verdict: str = one_of(Verdict.values)
    references: int = Field(description="Number of reference photos that it is created from.")
    prompt: str
    name: str
    status: str = one_of(PromptStatus.values)
    error: ImageError | None
    credits: int = Field(description="Credits charged: 0 until the image is ready.")
    width: int | None
    height: int | None
    seconds: int | None = Field(description="The length of a video, or null.")
    bytes: int | None
    sha256: str
    url: str | None = Field(description="The URL of the image, while it's on the server.")


class Summary(Schema):
    """The progress of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUMMARY]})

    id: UUID
    title: str
    status: str = one_of(States.values)
    total: int
    ready: int
    failed: int
    waiting: int
    created_at: datetime
    finished_at: datetime | None


class Batch(Summary):
    """The progress of a batch and each of its images."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH]})

    images: list[Image]


class Page(Schema):
    """One page of your batches, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAGE]})

    items: list[Summary]
    count: int = Field(description="Number of batches on all pages.")
    page: int
    pages: int


class QualityOnOffer(Schema):
    """A quality and its price in credits: of one image, or of one second of a video."""

    quality: str = one_of(Quality.values)
    credits: int


class Verdicts(RootModel[dict[int, VerdictName]]):
    """Verdicts by position."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VERDICTS]})


class Again(Body):
    """What changes in the new version. Missing options are those of the image."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.AGAIN]})

    prompt: str | None = Field(None, max_length=parsing.MAX_PROMPT_CHARACTERS)
    quality: str | None = one_of([*Quality.values, None], None)


class NewVersion(Schema):
    """The new image. Its credits are reserved."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_VERSION]})

    position: int
    name: str
    credits: int
    url: str


class Reference(Schema):
    """A reference photo as it is stored: a JPEG."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REFERENCE]})

    id: UUID
    width: int
    height: int
    bytes: int


class References(Body):
    """The ids of photos."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.REFERENCES]})

    references: list[UUID] = field(maxItems=MAX_UNUSED)


class ForTheRest(Schema):
    """What changes if an image becomes a reference photo of the images that are still waiting."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.FOR_THE_REST]})

    images: int = Field(description="Number of waiting images that will be created from it too.")
    credits: int = Field(description="What they cost in addition, in total.")
    number: int = Field(description='Prompts can call it "image 2", if this is 2.')
    style: str = Field(description="What `style` adds to their prompts.")


class Model(Schema):
    """An available model."""

    code: str
    label: str
    hint: str
    makes: str = one_of(Kind.values)
    formats: list[str]
    ratios: list[str]
    seconds: list[int] = Field(description="The lengths of its videos. Empty for images.")
    qualities: list[QualityOnOffer]
    reference_credits: int | None = Field(
        description="Credits that each reference photo adds to an image. Null if the model takes no photos."
    )
    sizes: dict[str, str] = Field(description="Size in pixels for each aspect ratio. Empty if the model decides.")
    retires_on: date | None


class Models(Schema):
    """The available models. The first is the default."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MODELS]})

    models: list[Model]


class Today(Schema):
    """Images of the last 24 hours."""

    used: int
    limit: int


class Account(Schema):
    """The owner of the key."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ACCOUNT]})

    email: str
    plan: str
    credits_left: int
    today: Today


class Amounts(Schema):
    """Requests, images and credits used."""

    requests: int
    images: int
    credits: int


class Day(Amounts):
    """The usage on one day (UTC)."""

    date: date


class Usage(Schema):
    """The usage per day, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.USAGE]})

    days: list[Day]
    totals: Amounts
