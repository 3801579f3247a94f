"""The outcomes of one upstream call, each booked in one transaction that only the lease's holder can make.

Locks are taken in the order batch, prompt, account (which guards its holds and grants), here and in `submission`.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from batches.choices import RUNNABLE, BatchStatus, WebhookEvent
from batches.clients.openai import ImageAnswer
from batches.models import Batch, Prompt, WebhookEndpoint, outbox
from batches.pictures.finish import Picture
from batches.runs.leases import LeaseLost
from batches.runs.retrying import retry_on_database_error, store
from billing.credits import ledger

#: After this many calls whose outcome nobody knows (time-out, crash) the prompt fails.
MAX_UNKNOWN_OUTCOMES = 2
#: What the bookings read of a batch: the whole row would cost a tenth of an image's CPU.
_FENCED_FIELDS = (
    "status", "revision", "total", "ready_count", "failed_count", "cancelled_count", "started_at", "deleted_at",
    "user", "webhook_url", "hold__account_id",
)  # fmt: skip
# Whether an endpoint wants each image is read with the batch: nobody pays a statement for what few use.
_TELLS_IMAGES = Exists(WebhookEndpoint.objects.filter(user=OuterRef("user")).listening(WebhookEvent.IMAGE_READY))


class Turn:
    """One worker's turn on one batch: the lease, and what may be booked under it.

    Each method returns the seconds until the batch can go on, None when it cannot. Each raises
    `LeaseLost`, and books nothing, when another worker has taken the batch over.
    """

    def __init__(self, batch_id: uuid.UUID, token: str) -> None:
        self.batch_id = batch_id
        self.token = token

    @retry_on_database_error
    @transaction.atomic
    def begin(self, prompt: Prompt) -> bool:
        """Note the upstream call before it is made; False when the customer has stopped the batch meanwhile."""
        batch = self._lock_batch()
        if batch.status not in RUNNABLE:
            return False
        batch.start()
        return prompt.generate(batch.revision)

    def deliver(self, prompt: Prompt, picture: Picture, answer: ImageAnswer) -> float | None:
        """Store the image, then charge it and mark it ready in one transaction."""
        name = f"images/{self.batch_id}/{prompt.position}-{self.token[:8]}.{picture.format}"
        image = store(name, picture.data)
        try:
            return self._book_delivery(prompt, picture, answer, image)
        except LeaseLost:
            # Unless the first try was committed, though the database went away before it could say so.
            if not Prompt.objects.filter(pk=prompt.pk, image=image).exists():
                default_storage.delete(image)
            raise

    @retry_on_database_error
    @transaction.atomic
    def _book_delivery(self, prompt: Prompt, picture: Picture, answer: ImageAnswer, image: str) -> float | None:
        batch = self._lock_batch(release_lease=True, ready_count=F("ready_count") + 1)
        if batch.deleted_at:
            # The customer has thrown the batch away: nothing to keep, nothing to charge.
            Batch.objects.filter(pk=batch.pk).update(ready_count=F("ready_count") - 1)
            self._return(batch, prompt, "deleted")
            default_storage.delete(image)
            return None
        charge = ledger.capture(batch.hold, prompt.credits, key=f"prompt:{prompt.pk}", note=prompt.text[:200])
        now = timezone.now()
        usage = answer.usage
        delivered = prompt.deliver(
            batch.revision,
            picture,
            image=image,
            charge_id=charge.pk,
            request_id=answer.request_id[:100],
            duration_seconds=(now - prompt.started_at).total_seconds() if prompt.started_at else None,
            upstream_cost_cents=usage
            and prompt.image_model.cost_cents(usage.text_tokens, usage.image_tokens_in, usage.image_tokens_out),
        )
        if not delivered:
            raise LeaseLost
        if batch.tells_images:  # type: ignore[attr-defined]  # annotated by `_lock_batch`
            outbox.announce_image(batch, prompt)
        return self._next(batch)

    @retry_on_database_error
    @transaction.atomic
    def fail(self, prompt: Prompt, code: str, detail: str = "", request_id: str = "") -> float | None:
        """End the prompt without an image and without a charge."""
        batch = self._lock_batch(release_lease=True, failed_count=F("failed_count") + 1)
        if not prompt.fail(batch.revision, code, detail=detail, request_id=request_id):
            raise LeaseLost
        ledger.release(batch.hold, prompt.credits)
        return self._next(batch)

    @retry_on_database_error
    @transaction.atomic
    def put_back(self, prompt: Prompt, delay_seconds: float, *, reason: str, **counts: int) -> float | None:
        """Let the prompt wait for another call after `delay_seconds`; adds to the named counters."""
        batch = self._lock_batch(release_lease=True, not_before=timezone.now() + timedelta(seconds=delay_seconds))
        self._return(batch, prompt, reason, **counts)
        return delay_seconds

    def unknown(self, prompt: Prompt, detail: str = "", request_id: str = "") -> float | None:
        """Settle a call that may have been made and billed: once more at our cost, then it fails."""
        if prompt.unknown_count + 1 >= MAX_UNKNOWN_OUTCOMES:
            return self.fail(prompt, "unknown_outcome", detail, request_id)
        return self.put_back(prompt, 0, reason="unknown_outcome", unknown_count=1)

    def recover(self, prompt: Prompt) -> float | None:
        """Settle a prompt that a dead worker left in flight."""
        return self.unknown(prompt, "the worker stopped")

    @retry_on_database_error
    @transaction.atomic
    def park(self, prompt: Prompt, reason: str, detail: str) -> float | None:
        """Put the whole batch on hold: upstream has trouble with our key or money, not with the prompt."""
        batch = self._lock_batch(release_lease=True)
        self._return(batch, prompt, reason)
        batch.wait(reason, detail)
        return None

    @retry_on_database_error
    @transaction.atomic
    def wait(self, reason: str, resume_at: datetime) -> float | None:
        """Put the batch on hold before its next image; it goes on by itself at `resume_at`."""
        self._lock_batch(release_lease=True).wait(reason, resume_at=resume_at)
        return None

    @retry_on_database_error
    @transaction.atomic
    def pause(self, reason: str) -> float | None:
        """Stop the batch before its next image; the customer can let it go on."""
        self._lock_batch(release_lease=True).pause(None, reason)
        return None

    @retry_on_database_error
    @transaction.atomic
    def stop(self) -> float | None:
        """Give the batch back because nothing is to be done for it; finish it if nothing is left."""
        batch = self._lock_batch(release_lease=True)
        return self._next(batch)

    def _return(self, batch: Batch, prompt: Prompt, reason: str, **counts: int) -> None:
        """Put a prompt in flight back to waiting, or drop it when the batch was cancelled meanwhile."""
        if batch.status != BatchStatus.CANCELLED:
            if not prompt.put_back(batch.revision, reason=reason, **counts):
                raise LeaseLost
            return
        if not prompt.drop(batch.revision):
            raise LeaseLost
        Batch.objects.filter(pk=batch.pk).update(cancelled_count=F("cancelled_count") + 1)
        ledger.release(batch.hold, prompt.credits)

    def _lock_batch(self, *, release_lease: bool = False, **changes: Any) -> Batch:
        """Change the batch only if the lease is still ours, and return it locked and fresh."""
        if release_lease:
            now = timezone.now()
            changes = {"lease_token": "", "lease_until": None, "hinted_at": now, "not_before": None, **changes}
        mine = Batch.objects.filter(pk=self.batch_id, lease_token=self.token)
        if not mine.update(revision=F("revision") + 1, **changes):
            raise LeaseLost
        batches = Batch.objects.select_related("hold").only(*_FENCED_FIELDS).annotate(tells_images=_TELLS_IMAGES)
        return batches.get(pk=self.batch_id)

    @staticmethod
    def _next(batch: Batch) -> float | None:
        if not batch.open_count:
            batch.finish()
            return None
        return 0 if batch.status in RUNNABLE else None
