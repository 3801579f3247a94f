"""Batches as the API returns them, in the format of `schemas`."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from batches.api import schemas
from batches.choices import Format, PromptStatus, error_sentence
from batches.models import Batch

_COLUMNS = (
    "origin__position", "edit__pk", "version", "verdict", "reference_count",
    "text", "file_name", "format", "status", "error_code", "credits", "charge_id",
    "width", "height", "seconds", "byte_count", "sha256",
)  # fmt: skip

Json = dict[str, Any]


def batch_url(request: HttpRequest, batch: Batch) -> str:
    return request.build_absolute_uri(reverse("api-1:batch", args=[batch.pk]))


def image_url(request: HttpRequest, batch: Batch, position: int) -> str:
    return f"{batch_url(request, batch)}/images/{position}"


def summary(batch: Batch) -> Json:
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


def batch_pieces(request: HttpRequest, batch: Batch) -> Iterator[str]:
    """Yield the batch and its images as the JSON of `schemas.Batch`.

    Images are read and written in pieces, because a long list can be 32 MB. They are read after the batch, so they can
    be newer than its revision, but not older.
    """
    # The request is for the URL of the batch.
    images_url = f"{request.build_absolute_uri(request.path)}/images/"
    yield schemas.Summary(**summary(batch)).model_dump_json().removesuffix("}") + ',"images":['
    comma = ""
    for piece in batch.prompts.in_pieces(*_COLUMNS):
        yield comma + ",".join(_image(images_url, row).model_dump_json() for row in piece)
        comma = ","
    yield "]}"


def _image(images_url: str, row: Any) -> schemas.Image:
    """Return the image of a row with `_COLUMNS`."""
    error = None
    if row.status == PromptStatus.FAILED:
        error = schemas.ImageError(code=row.error_code, message=error_sentence(row.error_code))
    return schemas.Image(
        position=row.position,
        kind=Format(row.format).kind,
        origin=row.origin__position,
        is_edit=row.edit__pk is not None,
        version=row.version,
        verdict=row.verdict,
        references=row.reference_count,
        prompt=row.text,
        name=row.file_name,
        status=row.status,
        error=error,
        credits=row.credits if row.charge_id else 0,
        width=row.width,
        height=row.height,
        seconds=row.seconds,
        bytes=row.byte_count,
        sha256=row.sha256,
        url=f"{images_url}{row.position}" if row.status == PromptStatus.READY else None,
    )
