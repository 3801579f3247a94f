"""Submitting an order: store the batch with its prompts, and hold its credits."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter

from django.db import IntegrityError, transaction

from accounts.models import ApiKey, User
from batches.keys import limits
from batches.models import Batch, BatchEvent, Prompt
from batches.models.prompt import MAX_NAME_CHARACTERS, ROWS_AT_ONCE
from batches.orders import text_limit
from batches.orders.order import Order
from batches.references import attaching
from batches.runs import wake
from billing import quotas
from billing.credits import ledger
from billing.refusals import Refusal

#: Two lists are the same if these are equal. Credits are left out, because prices can change.
_LIST_FIELDS = (
    *("text", "style", "name", "file_name"),
    *("image_model_id", "quality", "format", "ratio", "seconds", "reference_count"),
)  # fmt: skip


def key_of_form(user: User, order: Order, submission_key: uuid.UUID) -> uuid.UUID:
    """Return the submission key of a form: its own, or a key of the list if it was edited after "Back".

    The same edited list gets the same key, so that sending it twice makes one batch.
    """
    earlier = Batch.objects.filter(user=user, submission_key=submission_key).first()
    if earlier is None:
        return submission_key
    # Without JavaScript, sending the form twice stores its photos twice.
    photos = earlier.reference_links.order_by("position", "number").values_list("position", "reference__sha256")
    rows = earlier.prompts.in_the_list().in_pieces(*_LIST_FIELDS)
    made = _fingerprint(earlier.title, chain(photos, chain.from_iterable(rows)))
    same = ((n, photo.sha256) for n, photos in sorted(order.references_by_position.items()) for photo in photos)
    prompts = map(attrgetter("position", *_LIST_FIELDS), _prompts(order, earlier))
    wanted = _fingerprint(_title(order), chain(same, prompts))
    return submission_key if wanted == made else uuid.uuid5(submission_key, wanted)


def _fingerprint(title: str, rows: Iterable[Sequence[object]]) -> str:
    digest = sha256(title.encode())
    for row in rows:
        digest.update("\0".join(map(str, row)).encode())
    return digest.hexdigest()


def submit_order(user: User, order: Order, submission_key: uuid.UUID, api_key: ApiKey | None = None) -> Batch:
    """Store the batch, hold its credits and enqueue it. The same submission again returns the same batch.

    `api_key` is that of the program that sent the order, None from the site. Raises a `billing.refusals.Refusal`
    (credits, starts, length, text, the key's own limit); then nothing is stored.
    """
    mine = Batch.objects.filter(user=user, submission_key=submission_key)
    if earlier := mine.first():
        return earlier
    try:
        return _submit(user, order, submission_key, api_key)
    except (IntegrityError, Refusal):
        # If the same form was sent twice at the same time, the other request has won and holds the credits.
        if earlier := mine.first():
            return earlier
        raise


@transaction.atomic
def _submit(user: User, order: Order, submission_key: uuid.UUID, api_key: ApiKey | None) -> Batch:
    # The lock prevents two orders from passing the limits on starts, text and the key's credits together.
    ledger.locked_account_of(user)
    quotas.check_start(user, len(order.prompts))
    text_limit.check(user, order.character_count)
    limits.check(api_key, order.credits_needed)
    batch_id = uuid.uuid4()
    batch = Batch.objects.create(
        id=batch_id,
        user=user,
        title=_title(order),
        submission_key=submission_key,
        api_key=api_key,
        webhook_url=order.webhook_url,
        style=order.defaults.style,
        image_model=order.defaults.image_model,
        quality=order.defaults.quality.quality,
        format=order.defaults.format,
        ratio=order.defaults.ratio,
        hold=ledger.hold(user, order.credits_needed, key=f"batch:{batch_id}"),
        total=len(order.prompts),
        character_count=order.character_count,
    )
    Prompt.objects.bulk_create(_prompts(order, batch), batch_size=ROWS_AT_ONCE)
    attaching.attach(batch, order.references_by_position)
    BatchEvent.objects.create(batch=batch, actor=user, to_status=batch.status)
    transaction.on_commit(partial(wake.from_web, batch.pk))
    return batch


def _title(order: Order) -> str:
    return order.title or order.prompts[0][:80]


def _prompts(order: Order, batch: Batch) -> Iterator[Prompt]:
    given = [*order.names, *[""] * (len(order.prompts) - len(order.names))]
    rows = zip(order.prompts, given, order.file_names, order.choices, strict=True)
    for position, (text, name, file_name, choices) in enumerate(rows, 1):
        yield Prompt(
            batch=batch,
            position=position,
            text=text,
            style=choices.style,
            name=name[:MAX_NAME_CHARACTERS],
            file_name=file_name,
            image_model=choices.image_model,
            quality=choices.quality.quality,
            format=choices.format,
            ratio=choices.ratio,
            seconds=choices.seconds,
            credits=choices.credits,
            reference_count=len(choices.references),
        )
