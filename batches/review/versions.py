"""Further versions of an image. Each is one more prompt of the same batch, so it is made, charged and sent like any."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction
from django.db.models import F, Max

from accounts.models import User
from batches.choices import BatchStatus, PromptStatus, Verdict
from batches.keys import limits
from batches.lists.file_names import collision_key, version_name
from batches.models import Batch, ImageModel, Prompt
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

    `text` and `quality` replace those of the images. Left out are positions without an image, and images whose model or
    quality is not on offer any more; a cancelled or deleted batch gets no versions. Raise a `billing.refusals.Refusal`
    and change nothing if the credits or the plan do not allow all of them.
    """
    batch.lock()
    if batch.deleted_at or batch.status == BatchStatus.CANCELLED:
        return []
    bases = list(batch.prompts.made().filter(position__in=positions).order_by("position"))
    pairs = list(_versions(batch, bases, text, quality))
    if not pairs:
        return []
    versions = [version for _base, version in pairs]
    attaching.check(batch, batch.prompts.filter(pk__in=[base.pk for base, _version in pairs]))
    needed = sum(each.credits for each in versions)
    characters = sum(len(each.text) + len(each.style) for each in versions)
    ledger.locked_account_of(batch.user)
    _check_length(batch, len(versions))
    limits.check(batch.api_key, needed)
    text_limit.check(batch.user, characters)
    ledger.hold(batch.user, needed, key=f"batch:{batch.pk}")
    revision = batch.touch(total=F("total") + len(versions), character_count=F("character_count") + characters)
    for each in versions:
        each.revision = revision
    Prompt.objects.bulk_create(versions, batch_size=ROWS_AT_ONCE)
    attaching.copy(batch, {base.position: version.position for base, version in pairs if base.reference_count})
    batch.reopen(actor)
    transaction.on_commit(partial(wake.from_web, batch.pk))
    return versions


def rejected(batch: Batch) -> list[int]:
    """Return the positions of the rejected images that have no newer version and no version that is liked."""
    newest: dict[int, Prompt] = {}
    liked = set()
    for prompt in batch.prompts.exclude(status=PromptStatus.CANCELLED).order_by("version").only(*_REVIEWED):
        original = prompt.origin_id or prompt.pk
        newest[original] = prompt
        if prompt.verdict == Verdict.KEEP:
            liked.add(original)
    return [
        prompt.position
        for original, prompt in newest.items()
        if prompt.verdict == Verdict.REJECT and prompt.is_made and original not in liked
    ]


def _versions(batch: Batch, bases: Sequence[Prompt], text: str, quality: str) -> Iterator[tuple[Prompt, Prompt]]:
    models = {model.pk: model for model in ImageModel.objects.on_offer()}
    originals = batch.prompts.in_bulk({base.origin_id or base.pk for base in bases})
    newest = dict(
        batch.prompts.filter(origin__in=originals).order_by().values_list("origin").annotate(newest=Max("version"))
    )
    taken = {collision_key(name) for name in batch.prompts.values_list("file_name", flat=True)}
    position = batch.total
    for base in bases:
        original = originals[base.origin_id or base.pk]
        model = models.get(base.image_model_id)
        price = model.price(quality or base.quality) if model else None
        if model is None or price is None or not model.takes(base.reference_count):
            continue
        position += 1
        newest[original.pk] = number = newest.get(original.pk, original.version) + 1
        file_name = version_name(original.file_name, number, taken)
        taken.add(collision_key(file_name))
        version = Prompt(
            batch=batch,
            position=position,
            origin=original,
            version=number,
            text=text or base.text,
            style=base.style,
            file_name=file_name,
            image_model=model,
            quality=price.quality,
            format=base.format,
            ratio=base.ratio,
            seconds=base.seconds,
            credits=price.credits * (base.seconds or 1) + model.credits_for(base.reference_count),
            reference_count=base.reference_count,
        )
        yield base, version


def _check_length(batch: Batch, more: int) -> None:
    most = _GROWTH * plan_of(batch.user).prompts_per_batch
    if batch.total + more > most:
        raise ListTooLong(batch.total + more, most)
