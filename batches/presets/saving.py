from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from batches.models import Batch, Preset
from batches.orders import text_limit
from batches.orders.order import Choices, Order
from billing.credits import ledger
from billing.refusals import Refusal

MAX_PRESETS = 100


class TooManyPresets(Refusal):
    code = "too_many_presets"
    status = 422

    @property
    def sentence(self) -> str:
        return gettext("You have %(count)s presets, which is the limit. Delete one first.") % {"count": MAX_PRESETS}


def save_order(user: User, title: str, order: Order) -> Preset:
    """Save the list of a form. Raises a `Refusal`."""
    lists = {"prompts": "\n".join(order.prompts), "names": "\n".join(order.names)}
    needs_reference = any(each.references for each in order.choices)
    choices = order.defaults
    facts = {"quality": choices.quality.quality, "seconds": choices.seconds, "needs_reference": needs_reference}
    return _save(user, title, lists, choices, **facts)


def save_batch(user: User, title: str, batch: Batch) -> Preset:
    """Save the prompts of a batch with the batch's choices; those of single rows are not part of a preset.

    Raises a `Refusal`.
    """
    rows = list(batch.prompts.in_the_list().order_by("position").values_list("text", "name"))
    names = "\n".join(name for _text, name in rows).rstrip("\n")
    lists = {"prompts": "\n".join(text for text, _name in rows), "names": names}
    # Videos of one list have one length, unless single rows have their own.
    seconds = batch.prompts.in_the_list().filter(image_model=batch.image_model_id).values_list("seconds", flat=True)
    facts = {"quality": batch.quality, "seconds": seconds.first(), "needs_reference": batch.reference_links.exists()}
    return _save(user, title, lists, batch, **facts)


def _save(user: User, title: str, lists: dict[str, str], choices: Choices | Batch, **facts: Any) -> Preset:
    # Photos are not part of a preset. Its form asks for new ones.
    count = sum(map(len, lists.values())) + len(choices.style)
    with transaction.atomic():
        # So that two presets, or a preset and a batch, cannot pass the limits together.
        ledger.locked_account_of(user)
        if Preset.objects.owned_by(user).count() >= MAX_PRESETS:
            raise TooManyPresets
        text_limit.check(user, count)
        return Preset.objects.create(
            owner=user,
            title=title,
            style=choices.style,
            image_model=choices.image_model,
            format=choices.format,
            ratio=choices.ratio,
            character_count=count,
            **facts,
            **lists,
        )
