"""What a customer does with a list: the bill, submitting, retrying, cancelling, deleting.

Locks are taken in the order batch, prompt, account (which guards its holds and grants), here and in `outcomes`.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from statistics import median

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import ApiKey, User
from batches import hints, key_limits, text_limit
from batches.choices import PromptStatus, WebhookEvent
from batches.delivery import storage
from batches.lists.styles import prompt_and_ending
from batches.models import Batch, BatchEvent, Prompt, outbox
from batches.models.prompt import MAX_NAME_CHARACTERS, ROWS_AT_ONCE, PromptQuerySet
from batches.orders import Order
from billing import quotas
from billing.credits import ledger
from billing.quotas import Allowance
from billing.refusals import NegativeBalance, Refusal

#: Assumed for an image until some have been made with that model and quality.
_ASSUMED_SECONDS = 12.0
_SAMPLE = 20
#: The page shows fewer, and cuts long texts slowly.
_EXCERPT_CHARACTERS = 200
#: What makes a list the same list. Not the credits: a price that has changed makes no other list.
_LIST_FIELDS = (
    *("text", "style", "name", "file_name"),
    *("image_model_id", "quality", "format", "ratio"),
)  # fmt: skip


@dataclass(frozen=True)
class Bill:
    """What a batch would cost, shown before anything is spent."""

    order: Order
    credits_left: int
    seconds: float
    allowance: Allowance
    refusal: Refusal | None

    @property
    def missing(self) -> int:
        """Return how many credits are lacking; 0 when there are enough."""
        return max(0, self.order.credits_needed - self.credits_left)

    @property
    def may_shrink(self) -> bool:
        """Return whether a shorter list, or a lower quality, could be paid with what is left."""
        return self.credits_left >= min(row.credits for row in self.order.image_model.qualities.all())

    @property
    def waits(self) -> bool:
        """Return whether the run will meet the day's limit."""
        return len(self.order.prompts) > self.allowance.today_left

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Return position, prompt and final file name of every image."""
        return [(n, p, f) for n, (p, f) in enumerate(zip(self.order.prompts, self.order.file_names, strict=True), 1)]

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Return of every image the start of its prompt, what the style adds to it, and the final file name."""
        order = self.order
        rows = zip(order.prompts, order.choices, order.file_names, strict=True)
        parts = ((*prompt_and_ending(prompt, choices.style), name) for prompt, choices, name in rows)
        return [(prompt[:_EXCERPT_CHARACTERS], ending, name) for prompt, ending, name in parts]


def bill(user: User, order: Order, api_key: ApiKey | None = None) -> Bill:
    """Return the bill of an order, to be sent with that key, without storing anything."""
    account = ledger.account_of(user)
    return Bill(
        order=order,
        credits_left=max(0, account.left),
        seconds=sum(seconds_per_image(*made_with) * count for made_with, count in order.counts.items()),
        allowance=quotas.allowance(user),
        refusal=_refusal(user, order, account.balance, api_key),
    )


def _refusal(user: User, order: Order, balance: int, api_key: ApiKey | None) -> Refusal | None:
    """Return why this order could not be started now, though there were credits enough."""
    if balance < 0:
        return NegativeBalance(order.credits_needed, balance)
    try:
        quotas.check_start(user, len(order.prompts))
        text_limit.check(user, order.character_count)
        key_limits.check(api_key, order.credits_needed)
    except Refusal as refusal:
        return refusal
    return None


def seconds_per_image(model_id: int, quality: str) -> float:
    """Return how long the last images of that model and quality took, in the median."""
    alike = Prompt.objects.filter(image_model=model_id, quality=quality)
    durations = alike.last_durations(_SAMPLE)
    return median(durations) if durations else _ASSUMED_SECONDS


def key_of_form(user: User, order: Order, submission_key: uuid.UUID) -> uuid.UUID:
    """Return the key to submit a form with: its own, or after "Back" one of the list, if that was edited meanwhile.

    An edited list that is sent twice gets the same key, too, and makes one batch.
    """
    earlier = Batch.objects.filter(user=user, submission_key=submission_key).first()
    if earlier is None:
        return submission_key
    made = _fingerprint(earlier.title, chain.from_iterable(earlier.prompts.in_pieces(*_LIST_FIELDS)))
    wanted = _fingerprint(_title(order), map(attrgetter("position", *_LIST_FIELDS), _prompts(order, earlier)))
    return submission_key if wanted == made else uuid.uuid5(submission_key, wanted)


def _fingerprint(title: str, rows: Iterable[Sequence[object]]) -> str:
    digest = sha256(title.encode())
    for row in rows:
        digest.update("\0".join(map(str, row)).encode())
    return digest.hexdigest()


def submit(user: User, order: Order, submission_key: uuid.UUID, api_key: ApiKey | None = None) -> Batch:
    """Store the batch, hold its credits and let the workers know; the same submission again gives the same batch.

    `api_key` is that of the program which sent it, None from the site. Raises a `billing.refusals.Refusal`
    (credits, starts, length, text, the key's own limit), and then nothing is stored.
    """
    mine = Batch.objects.filter(user=user, submission_key=submission_key)
    if earlier := mine.first():
        return earlier
    try:
        return _submit(user, order, submission_key, api_key)
    except (IntegrityError, Refusal):
        # If the same form was being sent twice at this moment, the other one won and has the credits.
        if earlier := mine.first():
            return earlier
        raise


@transaction.atomic
def _submit(user: User, order: Order, submission_key: uuid.UUID, api_key: ApiKey | None) -> Batch:
    # Locked, so that starts, text and a key's credits are counted and used one after the other.
    ledger.locked_account_of(user)
    quotas.check_start(user, len(order.prompts))
    text_limit.check(user, order.character_count)
    key_limits.check(api_key, order.credits_needed)
    batch_id = uuid.uuid4()
    batch = Batch.objects.create(
        id=batch_id,
        user=user,
        title=_title(order),
        submission_key=submission_key,
        api_key=api_key,
        webhook_url=order.webhook_url,
        style=order.style,
        image_model=order.image_model,
        quality=order.quality.quality,
        format=order.format,
        ratio=order.ratio,
        hold=ledger.hold(user, order.credits_needed, key=f"batch:{batch_id}"),
        total=len(order.prompts),
        character_count=order.character_count,
    )
    Prompt.objects.bulk_create(_prompts(order, batch), batch_size=ROWS_AT_ONCE)
    BatchEvent.objects.create(batch=batch, actor=user, to_status=batch.status)
    transaction.on_commit(partial(hints.from_web, batch.pk))
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
            credits=choices.quality.credits,
        )


@transaction.atomic
def cancel(batch: Batch, actor: User) -> bool:
    """End the batch: waiting prompts are closed and their credits released, the image in flight still arrives."""
    if not batch.close(actor):
        return False
    revision = batch.touch()
    waiting = batch.prompts.filter(status=PromptStatus.WAITING)
    unused = waiting.aggregate(credits=Sum("credits", default=0))["credits"]
    closed = batch.prompts.cancel_waiting(revision)
    Batch.objects.filter(pk=batch.pk).update(cancelled_count=F("cancelled_count") + closed)
    batch.cancelled_count += closed
    outbox.announce(batch, WebhookEvent.FINISHED)
    ledger.release(batch.hold, unused)
    return True


@transaction.atomic
def retry_failed(batch: Batch, actor: User) -> int:
    """Put the failed prompts back in the queue, holding their credits again; return how many.

    Raises a `billing.refusals.Refusal` (credits, the key's own limit), and then nothing is changed.
    """
    batch.lock()
    return _retry(batch, batch.prompts.failed(), actor)


@transaction.atomic
def edit_and_retry(batch: Batch, position: int, text: str, actor: User) -> int:
    """Give one failed prompt a new wording and put it back; 0 if it has not failed (any more).

    Raises a `billing.refusals.Refusal` (credits, text, the key's own limit), and then nothing is changed.
    """
    batch.lock()
    failed = batch.prompts.failed().filter(position=position)
    if batch.may_retry and (prompt := failed.first()):
        _reword(batch, prompt, text)
    return _retry(batch, failed, actor)


def _reword(batch: Batch, prompt: Prompt, text: str) -> None:
    more = len(text) - len(prompt.text)
    if more > 0:
        ledger.locked_account_of(batch.user)
        text_limit.check(batch.user, more)
    Prompt.objects.filter(pk=prompt.pk).update(text=text)
    Batch.objects.filter(pk=batch.pk).update(character_count=F("character_count") + more)


def _retry(batch: Batch, failed: PromptQuerySet, actor: User) -> int:
    if not batch.may_retry:
        return 0
    revision = batch.touch()
    needed = failed.aggregate(credits=Sum("credits", default=0))["credits"]
    # Out of the usual order of locks: safe, because who changes this batch's prompts has its row first.
    ledger.locked_account_of(batch.user)
    key_limits.check(batch.api_key, needed)
    count = failed.retry_failed(revision)
    if not count:
        return 0
    Batch.objects.filter(pk=batch.pk).update(failed_count=F("failed_count") - count)
    ledger.hold(batch.user, needed, key=f"batch:{batch.pk}")
    batch.reopen(actor)
    transaction.on_commit(partial(hints.from_web, batch.pk))
    return count


def delete(batch: Batch, actor: User) -> None:
    """Throw the batch away: it is cancelled if open, hidden at once, its files and its words in the ledger deleted."""
    with transaction.atomic():
        cancel(batch, actor)
        Batch.objects.filter(pk=batch.pk).update(deleted_at=timezone.now())
        # What is in flight is not charged any more, so nothing is written after this.
        charged = batch.prompts.exclude(charge=None).values_list("pk", flat=True)
        ledger.forget_words(batch.hold.account_id, (f"prompt:{pk}" for pk in charged))
    storage.delete_files(batch)
