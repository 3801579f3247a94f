"""Actions on batches, with their effects on credits and workers.

Rows are locked in the order batch, prompt, account (its lock also covers holds and grants), as in `runs.outcomes`.
"""

from contextlib import suppress
from functools import partial

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import User
from batches.choices import PromptStatus, WebhookEvent
from batches.delivery import storage
from batches.keys import limits
from batches.models import Batch, Prompt, outbox
from batches.models.prompt import PromptQuerySet
from batches.orders import text_limit
from batches.references import attaching
from batches.runs import wake
from billing.credits import ledger


def pause(batch: Batch, actor: User) -> bool:
    """Pause after the image in flight; return False if the batch wasn't queued or running."""
    return batch.pause(actor)


@transaction.atomic
def resume(batch: Batch, actor: User) -> bool:
    """Queue a batch that is paused or on hold for the plan's limit. Operators can also resume other batches on hold."""
    if not batch.resume(actor):
        return False
    transaction.on_commit(partial(wake.from_web, batch.pk))
    return True


@transaction.atomic
def cancel(batch: Batch, actor: User) -> bool:
    """Cancel waiting prompts and release their credits. An image in flight is still delivered and charged."""
    batch.lock()
    # Before the photos, which closing the batch may delete. A new list locks them in this order.
    ledger.locked_account_of(batch.user)
    if not batch._close(actor):
        return False
    revision = batch.touch()
    waiting = batch.prompts.filter(status=PromptStatus.QUEUED)
    unused = waiting.aggregate(credits=Sum("credits", default=0))["credits"]
    closed = batch.prompts.cancel_waiting(revision)
    Batch.objects.filter(pk=batch.pk).update(cancelled_count=F("cancelled_count") + closed)
    batch.cancelled_count += closed
    outbox.announce(batch, WebhookEvent.FINISHED)
    ledger.release(batch.hold, unused)
    return True


@transaction.atomic
def retry(batch: Batch, actor: User, *, even_refused: bool = False) -> int:
    """Queue the failed prompts again, hold their credits, and return how many there were.

    Prompts that need a new wording are left out unless `even_refused`.
    Raise a `billing.refusals.Refusal` (credits, the key's limit) and change nothing if that isn't possible.
    """
    batch.lock()
    return _retry(batch, batch.prompts.failed() if even_refused else batch.prompts.retryable(), actor)


@transaction.atomic
def edit(batch: Batch, position: int, text: str, actor: User) -> int:
    """Change the text of a failed prompt and queue it again; return 0 if it isn't failed (any more).

    Raise a `billing.refusals.Refusal` (credits, text, the key's limit) and change nothing if that isn't possible.
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
    attaching.check(batch, failed)
    needed = failed.aggregate(credits=Sum("credits", default=0))["credits"]
    # This locks the account before the prompts. That's safe, because all changes to prompts lock the batch first.
    ledger.locked_account_of(batch.user)
    limits.check(batch.api_key, needed)
    count = failed.retry_failed(revision)
    if not count:
        return 0
    Batch.objects.filter(pk=batch.pk).update(failed_count=F("failed_count") - count)
    ledger.hold(batch.user, needed, key=f"batch:{batch.pk}")
    batch.reopen(actor)
    transaction.on_commit(partial(wake.from_web, batch.pk))
    return count


def delete(batch: Batch, actor: User) -> None:
    """Cancel the batch if it's open, hide it, and delete its files and its texts in the ledger."""
    with transaction.atomic():
        cancel(batch, actor)
        Batch.objects.filter(pk=batch.pk).update(deleted_at=timezone.now())
        # An image in flight isn't charged any more, so no notes are added after this.
        charged = batch.prompts.exclude(charge=None).values_list("pk", flat=True)
        ledger.erase_notes(batch.hold.account_id, (f"prompt:{pk}" for pk in charged))
    with suppress(OSError):
        # The storage may be unavailable. The purge of deleted batches tries again.
        storage.delete_files(batch)
