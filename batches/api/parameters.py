"""What stands in the addresses of batches and images, and the headers of their answers, for the description."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Path

BatchId = Annotated[UUID, Path(description="The `id` of the batch.")]
Position = Annotated[int, Path(description="The image's place in the list, from 1.")]


def headers(**described: str) -> dict[str, Any]:
    """Return headers of an answer by their names, with `_` for `-`."""
    return {
        name.replace("_", "-"): {"description": text, "schema": {"type": "string"}} for name, text in described.items()
    }
