"""Parameters and response headers that several operations share."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Header, Path

BatchId = Annotated[UUID, Path(description="The `id` of the batch.")]
IfNoneMatch = Annotated[
    str, Header("", alias="If-None-Match", description="ETags you already have. You get 304 if one of them matches.")
]
Position = Annotated[int, Path(description="The position of the image in the list, from 1.")]


def headers(described: dict[str, str]) -> dict[str, Any]:
    """Return the OpenAPI description of response headers."""
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in described.items()}
