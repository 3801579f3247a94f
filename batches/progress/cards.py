"""The cards of a batch's page, one per prompt, which the poll updates."""

from typing import Any

from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from batches.choices import MADE_PROMPT, Format, PromptStatus, error_sentence
from batches.models.prompt import PromptQuerySet
from batches.progress import retries

#: A card shows the start of its prompt; the manifest has all of it.
EXCERPT_CHARACTERS = 500
_COLUMNS = (
    "position", "name", "file_name", "format", "status", "sha256", "byte_count", "width", "height", "confirmed_at",
    "origin__position", "version", "edit__pk", "verdict", "credits",
    *retries.COLUMNS,
)  # fmt: skip

Card = dict[str, Any]


def cards(prompts: PromptQuerySet) -> list[Card]:
    """Return the cards of the prompts in list order, versions behind their original, with one query."""
    place = Coalesce("origin__position", "position")
    rows = prompts.order_by(place, "version").values(*_COLUMNS, excerpt=Left("text", EXCERPT_CHARACTERS))
    labels = {str(status): str(status.label) for status in PromptStatus}
    return [_card(row, labels[row["status"]]) for row in rows]


def _card(row: dict[str, Any], label: str) -> Card:
    card: Card = {
        "position": row["position"],
        "prompt": row["excerpt"],
        "name": row["file_name"],
        "kind": Format(row["format"]).kind,
        "is_named_after_prompt": _is_named_after_prompt(row),
        "origin": row["origin__position"],
        "version": row["version"],
        "is_edit": row["edit__pk"] is not None,
        "verdict": row["verdict"],
        "credits": row["credits"],
        "status": row["status"],
        "status_label": label,
    }
    if row["status"] == PromptStatus.FAILED:
        card["error"] = {"code": row["error_code"], "message": error_sentence(row["error_code"])}
    if row["status"] == PromptStatus.QUEUED and (retry := retries.retry_of(row, timezone.now())):
        card["retry"] = retry | {"sentence": retries.sentence(retry)}
    if row["sha256"] and row["status"] in MADE_PROMPT:
        card["image"] = _image(row)
    return card


def _is_named_after_prompt(row: dict[str, Any]) -> bool:
    """Return whether the prompt adds nothing to the file name, except perhaps its end."""
    if row["name"]:
        return bool(row["name"] == row["excerpt"])
    stem = row["file_name"].rpartition(".")[0].lstrip("0123456789").strip()
    return stem in row["excerpt"]


def _image(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "sha256": row["sha256"],
        "bytes": row["byte_count"],
        "width": row["width"],
        "height": row["height"],
        "on_server": row["status"] == PromptStatus.READY,
        "confirmed": row["confirmed_at"] is not None,
    }
