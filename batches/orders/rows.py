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
    overrides: dict[int, Choices] = {}
    errors: list[RowError] = []
    for position, row in enumerate(rows, start=1):
        wanted = _wanted(row)
        if not wanted:
            continue
        found = list(_errors(position, wanted, defaults, by_code, photos))
        errors += found
        if not found:
            overrides[position] = _choices(wanted, defaults, by_code, photos)
    return overrides, errors


def _wanted(row: Row) -> Row:
    wanted = {column: row[column] for column in COLUMNS if row.get(column) is not None}
    return {**wanted, "style": on_one_line(wanted["style"])} if "style" in wanted else wanted


def _errors(
    position: int,
    wanted: Row,
    defaults: Choices,
    by_code: Mapping[str, ImageModel],
    photos: Mapping[UUID, Reference],
) -> Iterator[RowError]:
    model = by_code.get(wanted.get("model", defaults.image_model.code))
    if model is None:
        yield RowError(position, "unknown_model", column="model")
        return
    if model.price(wanted.get("quality", defaults.quality.quality)) is None:
        yield RowError(position, "unknown_quality", column="quality")
    if format_for(model, wanted.get("format", defaults.format)) not in model.formats:
        yield RowError(position, "unknown_format", column="format")
    if wanted.get("ratio", defaults.ratio) not in model.ratios:
        yield RowError(position, "unknown_ratio", column="ratio")
    if (seconds := wanted.get("seconds")) and seconds not in model.seconds:
        yield RowError(position, "unknown_seconds", column="seconds")
    if (length := len(wanted.get("style", ""))) > MAX_STYLE_CHARACTERS:
        yield RowError(
            position, "style_too_long", {"characters": length, "limit": MAX_STYLE_CHARACTERS}, column="style"
        )
    own = wanted.get("references", ())
    if not model.takes(len(wanted.get("references", defaults.references))):
        code = "one_reference_taken" if model.takes_first_frame else "references_not_taken"
        yield RowError(position, code, column="references")
    if len(own) > MAX_REFERENCES:
        yield RowError(position, "too_many_references", {"limit": MAX_REFERENCES}, column="references")
    if not photos.keys() >= set(own):
        yield RowError(position, "unknown_reference", column="references")


def _choices(
    wanted: Row, defaults: Choices, by_code: Mapping[str, ImageModel], photos: Mapping[UUID, Reference]
) -> Choices:
    model = by_code[wanted.get("model", defaults.image_model.code)]
    quality = model.price(wanted.get("quality", defaults.quality.quality))
    assert quality is not None  # checked by _errors()
    return Choices(
        image_model=model,
        quality=quality,
        format=format_for(model, wanted.get("format", defaults.format)),
        ratio=wanted.get("ratio", defaults.ratio),
        style=wanted.get("style", defaults.style),
        references=[photos[each] for each in wanted["references"]] if "references" in wanted else defaults.references,
        seconds=seconds_for(model, wanted.get("seconds", defaults.seconds)),
    )


def format_for(model: ImageModel, wanted: str) -> str:
    """Return the file format of a model's images: videos have one of their own, whatever the list says."""
    if model.makes_video:
        return Format.MP4
    return Format.PNG if wanted == Format.MP4 else wanted


def seconds_for(model: ImageModel, wanted: int | None) -> int | None:
    """Return the length of a model's videos: the wanted one if the model has it, else the shortest; None for images."""
    return wanted if wanted in model.seconds else min(model.seconds, default=None)
