"""What the API tells of a batch, as the shapes of `schemas`."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.urls import reverse
from pydantic_core import to_json

from accounts.statements import CompiledQuery, Parameter
from batches.choices import PromptStatus
from batches.errors import sentence
from batches.models import Batch, Prompt
from batches.recent import RecentTexts

#: About ten batches of 1,000 images, in each process.
_recent = RecentTexts(2_000_000)
_encoder = DjangoJSONEncoder()

_COLUMNS = (
    "position", "text", "file_name", "status", "error_code", "credits", "charge_id",
    "width", "height", "byte_count", "sha256",
)  # fmt: skip

_IMAGES = CompiledQuery(
    lambda: Prompt.objects.filter(batch=Parameter("batch", Batch._meta.pk)).order_by("position").values_list(*_COLUMNS)
)

Json = dict[str, Any]


def batch_url(request: HttpRequest, batch: Batch) -> str:
    """Return the batch's address in the API."""
    return request.build_absolute_uri(reverse("api-1:batch", args=[batch.pk]))


def summary(batch: Batch) -> Json:
    """Return how far a batch is."""
    return {
        "id": batch.pk,
        "title": batch.title,
        "status": batch.status,
        "total": batch.total,
        "ready": batch.ready_count,
        "failed": batch.failed_count,
        "waiting": batch.open_count,
        "created_at": batch.created_at,
        "finished_at": batch.finished_at,
    }


def batch_json(request: HttpRequest, batch: Batch) -> str:
    """Return how far the batch of that request is, and each of its images, as JSON; one query, however many.

    Most programs ask again before anything has changed. The images are kept for them under the batch's revision,
    which counts every visible change.
    """
    # Below the batch's own address, which is the one that is asked.
    images_url = f"{request.build_absolute_uri(request.path)}/images/"
    key = images_url, batch.revision
    images = _recent.get(key)
    if images is None:
        # Read after the batch: they can be newer than its revision, never older.
        images = to_json([_image(images_url, *row) for row in _IMAGES.all(batch=batch.pk)]).decode()
        _recent.keep(key, images)
    return f'{_encoder.encode(summary(batch))[:-1]}, "images": {images}}}'


def _image(
    images_url: str, position: int, text: str, file_name: str, status: str, error_code: str, credits: int,
    charge_id: int | None, width: int | None, height: int | None, byte_count: int | None, sha256: str,
) -> Json:  # fmt: skip
    failed = status == PromptStatus.FAILED
    return {
        "position": position,
        "prompt": text,
        "name": file_name,
        "status": status,
        "error": {"code": error_code, "message": sentence(error_code)} if failed else None,
        "credits": credits if charge_id else 0,
        "width": width,
        "height": height,
        "bytes": byte_count,
        "sha256": sha256,
        "url": f"{images_url}{position}" if status == PromptStatus.READY else None,
    }
