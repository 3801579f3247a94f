"""Rows of a list with choices that differ from the batch's, from a program or a spreadsheet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from batches.choices import Format
from batches.lists.parsing import RowError, on_one_line
from batches.models import ImageModel, Reference
from batches.orders.order import Choices
from batches.references.attaching import MAX_REFERENCES

MAX_STYLE_CHARACTERS = 2_000
#: Choices that a row may override. If one is missing or None, the batch's applies.
COLUMNS = ("model", "quality", "format", "ratio", "style", "references", "seconds")

Row = Mapping[str, Any]


def own_choices(
    rows: Sequence[Row], defaults: Choices, models: Sequence[ImageModel], photos: Mapping[UUID, Reference]
) -> tuple[dict[int, Choices], list[RowError]]:
    """Return the choices of rows that differ from `defaults`, by position from 1, and the errors of rows.

    `photos` are those of the rows that exist.
    """
    by_code = {model.code: model for model in models}
    known = {photo.pk: photo for photo in defaults.references} | dict(photos)
    usual = {
        "model": defaults.image_model.code,
        "quality": defaults.quality.quality,
        "format": defaults.format,
        "ratio": defaults.ratio,
        "style": defaults.style,
        "references": [photo.pk for photo in defaults.references],
    }
    overrides: dict[int, Choices] = {}
    errors: list[RowError] = []
    for position, row in enumerate(rows, start=1):
        own = {column: row[column] for column in COLUMNS if row.get(column) is not None}
        if not own:
            continue
        wanted = {**usual, **own}
        wanted["style"] = on_one_line(wanted["style"])
        model = by_code.get(wanted["model"])
        found = list(_errors(position, wanted, model, known))
        errors += found
        if model and not found:
            overrides[position] = _choices(wanted, model, known, defaults.seconds)
    return overrides, errors


def _errors(
    position: int, wanted: Row, model: ImageModel | None, known: Mapping[UUID, Reference]
) -> Iterator[RowError]:
    if model is None:
        yield RowError(position, "unknown_model", column="model")
        return
    if model.price(wanted["quality"]) is None:
        yield RowError(position, "unknown_quality", column="quality")
    if format_for(model, wanted["format"]) not in model.formats:
        yield RowError(position, "unknown_format", column="format")
    if wanted["ratio"] not in model.ratios:
        yield RowError(position, "unknown_ratio", column="ratio")
    if (seconds := wanted.get("seconds")) and seconds not in model.seconds:
        yield RowError(position, "unknown_seconds", column="seconds")
    if (length := len(wanted["style"])) > MAX_STYLE_CHARACTERS:
        yield RowError(
            position, "style_too_long", {"characters": length, "limit": MAX_STYLE_CHARACTERS}, column="style"
        )
    references = wanted["references"]
    if not model.takes(len(references)):
        code = "one_reference_taken" if model.takes_first_frame else "references_not_taken"
        yield RowError(position, code, column="references")
    if len(references) > MAX_REFERENCES:
        yield RowError(position, "too_many_references", {"limit": MAX_REFERENCES}, column="references")
    if not known.keys() >= set(references):
        yield RowError(position, "unknown_reference", column="references")


def _choices(wanted: Row, model: ImageModel, known: Mapping[UUID, Reference], usual_seconds: int | None) -> Choices:
    quality = model.price(wanted["quality"])
    assert quality is not None  # checked by _errors()
    return Choices(
        image_model=model,
        quality=quality,
        format=format_for(model, wanted["format"]),
        ratio=wanted["ratio"],
        style=wanted["style"],
        references=[known[each] for each in wanted["references"]],
        seconds=seconds_for(model, wanted.get("seconds", usual_seconds)),
    )


def format_for(model: ImageModel, wanted: str) -> str:
    """Return the file format of a model's images: videos have one of their own, whatever the list says."""
    if model.makes_video:
        return Format.MP4
    return Format.PNG if wanted == Format.MP4 else wanted


def seconds_for(model: ImageModel, wanted: int | None) -> int | None:
    """Return the length of a model's videos: the wanted one if the model has it, else the shortest; None for images."""
    return wanted if wanted in model.seconds else min(model.seconds, default=None)
