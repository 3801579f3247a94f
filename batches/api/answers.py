"""What the API tells of a batch, as the shapes of `schemas`."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.statements import CompiledQuery, Parameter
from batches.choices import PromptStatus
from batches.errors import sentence
from batches.models import Batch, Prompt

_COLUMNS = (
    "position", "text", "file_name", "status", "error_code", "credits", "charge_id",
    "width", "height", "byte_count", "sha256",
)  # fmt: skip

_IMAGES = CompiledQuery(
    lambda: Prompt.objects.filter(batch=Parameter("batch", Batch._meta.pk)).order_by("position").values(*_COLUMNS)
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


def with_images(request: HttpRequest, batch: Batch) -> Json:
    """Return how far a batch is, and each of its images; one query, however many."""
    images_url = request.build_absolute_uri(reverse("api-1:image", args=[batch.pk, 0])).removesuffix("0")
    return {**summary(batch), "images": [_image(row, images_url) for row in _IMAGES.all(batch=batch.pk)]}


def _image(row: Json, images_url: str) -> Json:
    status = row["status"]
    failed = status == PromptStatus.FAILED
    return {
        "position": row["position"],
        "prompt": row["text"],
        "name": row["file_name"],
        "status": status,
        "error": {"code": row["error_code"], "message": sentence(row["error_code"])} if failed else None,
        "credits": row["credits"] if row["charge_id"] else 0,
        "width": row["width"],
        "height": row["height"],
        "bytes": row["byte_count"],
        "sha256": row["sha256"],
        "url": f"{images_url}{row['position']}" if status == PromptStatus.READY else None,
    }
