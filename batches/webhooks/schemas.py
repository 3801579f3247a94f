"""The bodies of webhooks: what is sent, and what the API's description says about it, with examples."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from batches.choices import BatchStatus, Kind, WebhookEvent

#: In UTC, with milliseconds.
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]

_TIME = "2026-11-21T12:00:00.000+00:00"
_ID = "0b6f7a52-6a3c-4f5e-9a55-0f2f8f0a3c1d"
_URL = f"https://images.example.com/batches/{_ID}/"
_COUNTS = {"total": 50, "ready": 39, "failed": 1, "waiting": 10}
_ENDED = {"id": _ID, "status": "finished", **_COUNTS, "ready": 49, "waiting": 0, "url": _URL, "references_deleted": 0}
_ON_HOLD = {"id": _ID, "status": "waiting", **_COUNTS, "url": _URL, "references_deleted": 0}
_IMAGE = {
    "position": 40, "name": "lighthouse.png", "kind": "image", "origin": None,
    "version": 1, "is_edit": False, "references": 0,
}  # fmt: skip
_READY = {"id": _ID, "status": "running", **_COUNTS, "url": _URL, "image": _IMAGE}


def _example(event: WebhookEvent, data: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{"type": event.value, "timestamp": _TIME, "data": data}]})


class BatchFacts(BaseModel):
    """What every message about a batch has. The API has the rest."""

    id: UUID
    status: BatchStatus
    total: int
    ready: int
    failed: int
    waiting: int
    url: str = Field(description="The batch's page on the site.")


class BatchAndPhotos(BatchFacts):
    """A batch that has ended or is on hold."""

    references_deleted: int = Field(
        description="Number of its reference photos that are no longer on the server: all, after the end."
    )


class ReadyImage(BaseModel):
    """An image that can be downloaded."""

    position: int
    name: str
    kind: Kind
    origin: int | None = Field(description="The position of the image of which this is a version, or null.")
    version: int
    is_edit: bool
    references: int = Field(description="Number of reference photos that it was created from.")


class BatchAndImage(BatchFacts):
    """A batch and one of its images."""

    image: ReadyImage


class Endpoint(BaseModel):
    id: UUID


class BatchFinished(BaseModel):
    """A batch has ended: its status is `finished` or `cancelled`.

    If an image was in flight when it was cancelled, `waiting` is 1, and the message is sent again when that has ended.
    """

    model_config = _example(WebhookEvent.FINISHED, _ENDED)

    type: Literal[WebhookEvent.FINISHED]
    timestamp: Timestamp
    data: BatchAndPhotos


class BatchWaiting(BaseModel):
    """A batch is on hold: it reached the daily limit or the image service has a problem. It continues automatically."""

    model_config = _example(WebhookEvent.WAITING, _ON_HOLD)

    type: Literal[WebhookEvent.WAITING]
    timestamp: Timestamp
    data: BatchAndPhotos


class ImageReady(BaseModel):
    """An image is ready: you can download it. Only for endpoints that choose this event."""

    model_config = _example(WebhookEvent.IMAGE_READY, _READY)

    type: Literal[WebhookEvent.IMAGE_READY]
    timestamp: Timestamp
    data: BatchAndImage


class WebhookTest(BaseModel):
    """A customer wants to see whether messages reach their endpoint."""

    type: Literal[WebhookEvent.TEST]
    timestamp: Timestamp
    data: Endpoint


#: Those about batches go to the customer's endpoints, and except for images to the batch's `webhook_url`.
ABOUT_BATCHES: dict[WebhookEvent, type[BaseModel]] = {
    WebhookEvent.FINISHED: BatchFinished,
    WebhookEvent.WAITING: BatchWaiting,
    WebhookEvent.IMAGE_READY: ImageReady,
}
MESSAGES: dict[WebhookEvent, type[BaseModel]] = {**ABOUT_BATCHES, WebhookEvent.TEST: WebhookTest}
