"""Further versions of an image. Each is one more prompt of the same batch, so it is made, charged and sent like any."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q

from accounts.models import User
from batches.choices import BatchStatus, PromptStatus, Verdict
from batches.keys import limits
from batches.lists.file_names import collision_key, version_name
from batches.models import Batch, Edit, ImageModel, ModelQuality, Prompt
from batches.models.prompt import ROWS_AT_ONCE
from batches.orders import text_limit
from batches.references import attaching
from batches.runs import wake
from billing.credits import ledger
from billing.entitlements import plan_of
from billing.refusals import ListTooLong

#: A batch can have this many times the prompts of the plan's longest list, versions included.
_GROWTH = 3
_REVIEWED = ("position", "origin_id", "version", "verdict", "status")


@transaction.atomic
def make_again(
    batch: Batch, positions: Sequence[int], actor: User, *, text: str = "", quality: str = ""
) -> list[Prompt]:
    """Add a version of each image at these positions, hold the credits, and enqueue the batch.

    `text` and `quality` replace those of the images. Positions without an image are left out, as are edits (they need
    the image that they change) and images whose model or quality is no longer available. A cancelled or deleted batch
    gets no versions. Raise a `billing.refusals.Refusal` and change nothing if the credits or the plan do not allow all.
    """
    batch.lock()
    if batch.deleted_at or batch.status == BatchStatus.CANCELLED:
        return []
    bases = batch.prompts.made().filter(position__in=positions, edit=None).order_by("position")
    models = {model.pk: model for model in ImageModel.objects.on_offer()}
    prices = ((base, _price(base, models.get(base.image_model_id), quality)) for base in bases)
    wanted = [(base, price) for base, price in prices if price]
    versions = list(next_versions(batch, wanted, **({"text": text} if text else {})))
    if not versions:
        return []
    attaching.check(batch, batch.prompts.filter(pk__in=[base.pk for base, _price in wanted]))
    add(batch, versions, actor)
    pairs = zip(wanted, versions, strict=True)
    attaching.copy(
        batch, {base.position: version.position for (base, _price), version in pairs if base.reference_count}
    )
    return versions


@transaction.atomic
def make_rejected_again(batch: Batch, actor: User) -> list[Prompt]:
    """Add a version of each rejected image, as `make_again` does; none if the button is pressed twice."""
    batch.lock()
    return make_again(batch, rejected(batch), actor)


def newest(prompt: Prompt) -> int:
    """Return the number of the image's newest version."""
    original = prompt.origin_id or prompt.pk
    versions = Prompt.objects.filter(Q(pk=original) | Q(origin=original)).order_by()
    return int(versions.aggregate(newest=Max("version"))["newest"])


def _price(base: Prompt, model: ImageModel | None, quality: str) -> ModelQuality | None:
    return model.price(quality or base.quality) if model and model.takes(base.reference_count) else None


def add(batch: Batch, versions: Sequence[Prompt], actor: User) -> None:
    """Store the versions, hold their credits, and enqueue the batch, which the caller has locked. Raises `Refusal`."""
    needed = sum(each.credits for each in versions)
    characters = sum(len(each.text) + len(each.style) for each in versions)
    ledger.locked_account_of(batch.user)
    count, most = batch.total + len(versions), _GROWTH * plan_of(batch.user).prompts_per_batch
    if count > most:
        raise ListTooLong(count, most)
    limits.check(batch.api_key, needed)
    text_limit.check(batch.user, characters)
    ledger.hold(batch.user, needed, key=f"batch:{batch.pk}")
    revision = batch.touch(total=F("total") + len(versions), character_count=F("character_count") + characters)
    for each in versions:
        each.revision = revision
    Prompt.objects.bulk_create(versions, batch_size=ROWS_AT_ONCE)
    batch.reopen(actor)
    transaction.on_commit(partial(wake.from_web, batch.pk))


def rejected(batch: Batch) -> list[int]:
    """Return the positions of the rejected images that have no newer version and no version that is liked.

    For a rejected edit, the position is that of the image's newest version that isn't an edit.
    """
    edits = set(Edit.objects.filter(prompt__batch=batch).values_list("pk", flat=True))
    newest: dict[int, Prompt] = {}
    made_again: dict[int, int] = {}
    liked = set()
    for prompt in batch.prompts.exclude(status=PromptStatus.CANCELLED).order_by("version").only(*_REVIEWED):
        original = prompt.origin_id or prompt.pk
        newest[original] = prompt
        if prompt.pk not in edits and prompt.is_made:
            made_again[original] = prompt.position
        if prompt.verdict == Verdict.KEEP:
            liked.add(original)
    return [
        made_again[original]
        for original, prompt in newest.items()
        if prompt.verdict == Verdict.REJECT and prompt.is_made and original not in liked
    ]


def next_versions(batch: Batch, wanted: Sequence[tuple[Prompt, ModelQuality]], **changes: Any) -> Iterator[Prompt]:
    """Yield a new version of each image, which is not stored yet; `changes` are fields that differ from the image's."""
    originals = batch.prompts.in_bulk({base.origin_id or base.pk for base, _price in wanted})
    newest = dict(
        batch.prompts.filter(origin__in=originals).order_by().values_list("origin").annotate(newest=Max("version"))
    )
    taken = {collision_key(name) for name in batch.prompts.values_list("file_name", flat=True)}
    for position, (base, price) in enumerate(wanted, batch.total + 1):
        original = originals[base.origin_id or base.pk]
        newest[original.pk] = number = newest.get(original.pk, original.version) + 1
        file_name = version_name(original.file_name, number, taken)
        taken.add(collision_key(file_name))
        fields = {
            "text": base.text,
            "style": base.style,
            "reference_count": base.reference_count,
            "seconds": base.seconds,
            "credits": price.credits_for(base.seconds, base.reference_count),
        } | changes
        yield Prompt(
            batch=batch,
            position=position,
            origin=original,
            version=number,
            file_name=file_name,
            image_model=price.image_model,
            quality=price.quality,
            format=base.format,
            ratio=base.ratio,
            **fields,
        )
