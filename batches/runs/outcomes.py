"""The outcomes of one upstream call. Each is recorded in one transaction, and only while the worker has the lease.

Rows are locked in the order batch, prompt, account (its lock also covers holds and grants), as in `lifecycle`.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from batches.choices import RUNNABLE, BatchStatus, PromptStatus, WaitReason, WebhookEvent
from batches.clients.openai import ImageAnswer
from batches.clients.openai_errors import UpstreamError
from batches.delivery import retention
from batches.models import Batch, Prompt, WebhookEndpoint, outbox
from batches.pictures.finish import Picture
from batches.pictures.videos import Video
from batches.runs import files, leases, setbacks
from batches.runs.leases import LeaseLost
from batches.runs.retrying import retried_transaction
from billing.credits import ledger
from lib.database_time import DatabaseNow

#: How long a batch is on hold before the sweep checks whether the storage is back.
STORAGE_PAUSE = timedelta(seconds=30)
#: How long a batch is on hold before its prompts are checked again.
MODERATION_PAUSE = timedelta(seconds=60)
#: Reading the whole row would take a tenth of the CPU time of an image.
_FENCED_FIELDS = (
    "status", "revision", "total", "ready_count", "failed_count", "cancelled_count", "started_at", "deleted_at",
    "user", "webhook_url", "hold__account_id",
)  # fmt: skip
# Few customers subscribe to single images, so this is annotated on the batch instead of queried for each image.
_HAS_IMAGE_WEBHOOK = Exists(WebhookEndpoint.objects.filter(user=OuterRef("user")).listening(WebhookEvent.IMAGE_READY))


class Turn:
    """One worker's turn on a leased batch.

    Except for `begin`, methods return the seconds until the batch can continue, or None if it can't. They raise
    `LeaseLost`, and change nothing, if another worker has leased the batch.
    """

    def __init__(self, batch_id: uuid.UUID, token: str) -> None:
        self.batch_id = batch_id
        self.token = token

    @retried_transaction
    def begin(self, prompt: Prompt) -> bool:
        """Record the upstream call before it is made; return False if the customer has stopped the batch meanwhile."""
        batch = self._lock_batch()
        if batch.status not in RUNNABLE:
            return False
        batch.start()
        return prompt.generate(batch.revision)

    def deliver(self, prompt: Prompt, picture: Picture | Video, answer: ImageAnswer) -> float | None:
        """Store the image or video, then charge it and mark it ready in one transaction.

        The batch goes on hold if the image can't be stored at once. If the booking is lost, the file stays for
        `recover`; `batches.delivery.storage` deletes files that aren't needed.
        """
        try:
            image = files.store(prompt, picture, lambda: self.wait_for_storage(prompt))
        except OSError as error:
            if prompt.job_id:
                # It is fetched again.
                return self.leave(STORAGE_PAUSE.total_seconds())
            return self.park_for_storage(prompt, error)
        return self._book_delivery(prompt, picture, image, **_facts(prompt, answer))

    @retried_transaction
    def _book_delivery(self, prompt: Prompt, picture: Picture | Video, image: str, **facts: Any) -> float | None:
        changes = {
            "ready_count": F("ready_count") + 1,
            "setback_count": 0,
            "expiry_mail_at": retention.first_warning_at(),
        }
        batch = self._lock_batch(release_lease=True, **changes)
        if batch.deleted_at:
            # The customer has deleted the batch: don't store the image, don't charge for it.
            Batch.objects.filter(pk=batch.pk).update(ready_count=F("ready_count") - 1)
            self._return(batch, prompt, "deleted")
            transaction.on_commit(lambda: default_storage.delete(image), robust=True)
            return None
        charge = ledger.capture(batch.hold, prompt.credits, key=f"prompt:{prompt.pk}", note=prompt.text[:200])
        if not prompt.deliver(batch.revision, picture, image=image, charge_id=charge.pk, **facts):
            raise LeaseLost
        if batch.has_image_webhook:  # type: ignore[attr-defined]  # annotated by `_lock_batch`
            outbox.announce_image(batch, prompt)
        self._announce_last(batch)
        return self._next(batch)

    @retried_transaction
    def fail(self, prompt: Prompt, code: str, detail: str = "", request_id: str = "") -> float | None:
        """Fail the prompt and release its credits."""
        batch = self._lock_batch(release_lease=True, failed_count=F("failed_count") + 1, setback_count=0)
        self._fail(batch, prompt, code, detail, request_id)
        return self._next(batch)

    def _fail(self, batch: Batch, prompt: Prompt, code: str, detail: str, request_id: str) -> None:
        if not prompt.fail(batch.revision, code, detail=detail, request_id=request_id):
            raise LeaseLost
        ledger.release(batch.hold, prompt.credits)
        self._announce_last(batch)

    @retried_transaction
    def set_back(self, prompt: Prompt, kind: setbacks.Kind, error: UpstreamError) -> float | None:
        """Queue the prompt again after a delay, or fail it, and put the batch on hold in an outage of upstream."""
        step = setbacks.next_step(prompt, kind, error.delay_seconds)
        retry_at = DatabaseNow() + timedelta(seconds=step.delay_seconds)
        changes = {"failed_count": F("failed_count") + 1} if step.fails else {}
        not_before = retry_at if step.blocks else None
        batch = self._lock_batch(
            release_lease=True, setback_count=F("setback_count") + 1, not_before=not_before, **changes
        )
        if step.fails:
            self._fail(batch, prompt, kind.code, error.message, error.request_id)
        else:
            facts = {"retry_at": retry_at, "error_code": kind.code, "error_detail": error.message}
            counts = {kind.counter: F(kind.counter) + 1} if step.counts else {}
            self._return(batch, prompt, error.code, **facts, **counts)
        if step.hold_seconds:
            batch.wait(WaitReason.UPSTREAM_DOWN, error.message, timezone.now() + timedelta(seconds=step.hold_seconds))
        if step.blocks and batch.status in RUNNABLE:
            return step.delay_seconds
        return self._next(batch)

    def recover(self, prompt: Prompt) -> float | None:
        """Book the image that a dead worker has stored. If there is none, the outcome of its call is unknown."""
        if found := files.find(prompt):
            image, picture = found
            return self._book_delivery(prompt, picture, image)
        if prompt.unknown_count + 1 >= setbacks.UNKNOWN.limit:
            return self.fail(prompt, "interrupted", "the worker stopped")
        return self.requeue(prompt)

    @retried_transaction
    def requeue(self, prompt: Prompt) -> float | None:
        """Queue the prompt again after a call whose outcome is unknown, or cancel it if the batch was cancelled."""
        batch = self._lock_batch(release_lease=True)
        self._return(batch, prompt, "interrupted", unknown_count=F("unknown_count") + 1)
        return self._next(batch)

    @retried_transaction
    def park(self, prompt: Prompt, reason: str, detail: str, resume_at: datetime | None = None) -> float | None:
        """Queue the prompt again and put the whole batch on hold: the prompt is not the cause."""
        batch = self._lock_batch(release_lease=True)
        self._return(batch, prompt, reason)
        batch.wait(reason, detail, resume_at)
        return None

    def park_for_storage(self, prompt: Prompt, error: OSError) -> float | None:
        return self.park(prompt, WaitReason.STORAGE, str(error), timezone.now() + STORAGE_PAUSE)

    @retried_transaction
    def wait(self, reason: str, resume_at: datetime, *, release_lease: bool = True) -> float | None:
        """Put the batch on hold until `resume_at`, when it resumes automatically."""
        self._lock_batch(release_lease=release_lease).wait(reason, resume_at=resume_at)
        return None

    def wait_for_storage(self, prompt: Prompt) -> float | None:
        # An image in flight stays under its lease, which ends soon: the next worker must look for its file.
        in_flight = prompt.status == PromptStatus.GENERATING
        return self.wait(WaitReason.STORAGE, timezone.now() + STORAGE_PAUSE, release_lease=not in_flight)

    @retried_transaction
    def wait_for_moderation(self, code: str) -> float | None:
        # After some setbacks in a row operators get an email.
        batch = self._lock_batch(release_lease=True, setback_count=F("setback_count") + 1)
        batch.wait(WaitReason.UPSTREAM_DOWN, f"moderations: {code}", timezone.now() + MODERATION_PAUSE)
        return None

    @retried_transaction
    def record_job(self, prompt: Prompt, job_id: str, seconds: float) -> float:
        """Record the id of the job, and leave the batch for that long."""
        self._lock_batch(**leases.left(seconds))
        Prompt.objects.filter(pk=prompt.pk).update(job_id=job_id)
        return seconds

    def leave(self, seconds: float) -> float:
        """Leave the batch for that long, with its image in flight."""
        leases.leave(self.batch_id, self.token, seconds)
        return seconds

    def release(self, seconds: float) -> float:
        """Release the batch for that long, without a result."""
        leases.release(self.batch_id, self.token, delay_seconds=seconds)
        return seconds

    @retried_transaction
    def pause(self, reason: str) -> float | None:
        """Pause the batch before its next image. The customer can resume it."""
        self._lock_batch(release_lease=True).pause(None, reason)
        return None

    @retried_transaction
    def stop(self) -> float | None:
        """Release the batch because it has nothing to do now; finish it if no prompts are open."""
        batch = self._lock_batch(release_lease=True)
        return self._next(batch)

    def _return(self, batch: Batch, prompt: Prompt, reason: str, **changes: Any) -> None:
        """Queue a prompt in flight again, or cancel it if the batch was cancelled meanwhile."""
        if batch.status != BatchStatus.CANCELLED:
            if not prompt.requeue(batch.revision, reason=reason, **changes):
                raise LeaseLost
            return
        if not prompt.cancel(batch.revision):
            raise LeaseLost
        Batch.objects.filter(pk=batch.pk).update(cancelled_count=F("cancelled_count") + 1)
        ledger.release(batch.hold, prompt.credits)
        self._announce_last(batch)

    @staticmethod
    def _announce_last(batch: Batch) -> None:
        """Report once more that a batch was cancelled: then one image was in flight, which has ended now."""
        if batch.status == BatchStatus.CANCELLED and not batch.deleted_at:
            batch.lock()
            outbox.announce(batch, WebhookEvent.FINISHED)

    def _lock_batch(self, *, release_lease: bool = False, **changes: Any) -> Batch:
        """Update the batch, which also locks it, and return it. Raise `LeaseLost` if another worker has the lease."""
        if release_lease:
            now = DatabaseNow()
            changes = {"lease_token": "", "lease_until": None, "enqueued_at": now, "not_before": None, **changes}
        mine = Batch.objects.filter(pk=self.batch_id, lease_token=self.token)
        if not mine.update(revision=F("revision") + 1, **changes):
            raise LeaseLost
        batches = Batch.objects.select_related("hold").only(*_FENCED_FIELDS)
        return batches.annotate(has_image_webhook=_HAS_IMAGE_WEBHOOK).get(pk=self.batch_id)

    @staticmethod
    def _next(batch: Batch) -> float | None:
        if not batch.open_count:
            batch.finish()
            return None
        return 0 if batch.status in RUNNABLE else None


def _facts(prompt: Prompt, answer: ImageAnswer) -> dict[str, Any]:
    usage, cost_cents = answer.usage, None
    if usage:
        cost_cents = prompt.image_model.cost_cents(usage.text_tokens, usage.image_tokens_in, usage.image_tokens_out)
    elif prompt.job_id and (price := prompt.image_model.price(prompt.quality)):
        # Replicate doesn't say what a prediction has cost.
        cost_cents = price.upstream_cost_cents * (prompt.seconds or 1)
    return {
        "request_id": answer.request_id[:100],
        "duration_seconds": (timezone.now() - prompt.started_at).total_seconds() if prompt.started_at else None,
        "upstream_cost_cents": cost_cents,
    }
