import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.choices import OPEN_BATCH, RUNNABLE, BatchStatus, Format, Kind, Quality, Ratio, WaitReason
from batches.models import outbox
from batches.models.event import BatchEvent
from batches.models.reference import Reference
from lib.database_time import DatabaseNow

#: After so many calls in a row without an image, an outage has lasted for minutes.
_LONG_OUTAGE_SETBACKS = 5
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class BatchQuerySet(models.QuerySet["Batch"]):
    def owned_by(self, user: User) -> "BatchQuerySet":
        """The one owner filter of batches. Deleted batches are not included."""
        return self.filter(user=user, deleted_at=None)

    def character_count(self) -> int:
        count: int = self.aggregate(count=Sum("character_count", default=0))["count"]
        return count

    def runnable(self) -> "BatchQuerySet":
        """Return the batches that a worker may advance now."""
        now = DatabaseNow()
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(lease_until=None) | Q(lease_until__lt=now),
            status__in=RUNNABLE,
        )

    def stalled(self, waiting_for: timedelta) -> "BatchQuerySet":
        """Return the runnable batches that have not been enqueued for this long."""
        enqueued_before = DatabaseNow() - waiting_for
        return self.runnable().filter(Q(enqueued_at=None) | Q(enqueued_at__lt=enqueued_before))

    def abandoned(self) -> "BatchQuerySet":
        """Return the stopped batches whose worker died during an image."""
        stopped = [status for status in BatchStatus if status not in RUNNABLE]
        return self.filter(status__in=stopped, lease_until__lt=DatabaseNow())

    def leased(self) -> "BatchQuerySet":
        """Return the batches with a worker, or whose worker died. Each has at most one image in flight."""
        # A comparison can use the index, "is not null" cannot.
        return self.filter(lease_until__gt=_LONG_AGO)

    def due(self) -> "BatchQuerySet":
        return self.filter(status=BatchStatus.ON_HOLD, resume_at__lte=DatabaseNow())

    def waiting_for_operators(self) -> models.QuerySet["Batch", dict[str, Any]]:
        """Return `waiting_reason`, `count` and an upstream message in `detail` for each reason, most frequent first.

        The daily limit and short outages end by themselves and are left out.
        """
        short_outage = Q(waiting_reason=WaitReason.UPSTREAM_DOWN, setback_count__lt=_LONG_OUTAGE_SETBACKS)
        on_hold = self.filter(status=BatchStatus.ON_HOLD, deleted_at=None)
        on_hold = on_hold.exclude(short_outage | Q(waiting_reason=WaitReason.DAILY_LIMIT))
        facts = {"count": Count("pk"), "detail": Max("waiting_detail")}
        return on_hold.order_by().values("waiting_reason").annotate(**facts).order_by("-count")


class Batch(models.Model):
    """A list of prompts with its choices. Every change of state is a verb here; no other code sets `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="batches", verbose_name=_("user"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=BatchStatus.choices, default=BatchStatus.QUEUED)
    submission_key = models.UUIDField(
        _("submission"), default=uuid.uuid4, help_text=_("A form that is submitted twice creates one batch.")
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="batches",
        verbose_name=_("API key"),
        help_text=_("Blank if the batch was created on the site."),
    )
    webhook_url = models.URLField(_("webhook URL"), max_length=500, blank=True)
    style = models.TextField(_("style"), blank=True)
    image_model = models.ForeignKey("batches.ImageModel", models.PROTECT, related_name="+", verbose_name=_("model"))
    quality = models.CharField(_("quality"), max_length=10, choices=Quality.choices)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    ratio = models.CharField(_("ratio"), max_length=5, choices=Ratio.choices)
    hold = models.OneToOneField("billing.Hold", models.PROTECT, related_name="+", verbose_name=_("hold"))

    total = models.PositiveIntegerField(_("prompts"))
    character_count = models.PositiveIntegerField(
        _("characters"), default=0, help_text=_("Total length of the prompts, styles and names.")
    )
    ready_count = models.PositiveIntegerField(_("ready"), default=0)
    failed_count = models.PositiveIntegerField(_("failed"), default=0)
    cancelled_count = models.PositiveIntegerField(_("cancelled"), default=0)
    setback_count = models.PositiveIntegerField(
        _("setbacks"), default=0, help_text=_("Consecutive calls that returned neither an image nor a refusal.")
    )
    revision = models.PositiveIntegerField(_("revision"), default=1, help_text=_("Increases with each visible change."))

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted by the customer"), null=True, blank=True)

    waiting_reason = models.CharField(_("hold reason"), max_length=20, choices=WaitReason.choices, blank=True)
    waiting_detail = models.CharField(_("upstream message"), max_length=500, blank=True)
    resume_at = models.DateTimeField(_("resumes at"), null=True, blank=True)
    not_before = models.DateTimeField(_("next image not before"), null=True, blank=True)

    end_mail_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    expiry_mail_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    #: When a message was last sent, or a worker released the batch, which then sends one.
    enqueued_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=["user", "submission_key"], name="submission_once_per_user"),
            models.CheckConstraint(
                condition=Q(total__gte=F("ready_count") + F("failed_count") + F("cancelled_count")),
                name="counts_within_total",
            ),
        )
        indexes = (
            models.Index(fields=["status", "lease_until"], name="batch_status_lease"),
            models.Index(fields=["user", "-created_at"], name="batch_user_created"),
            models.Index(fields=["user", "lease_until"], name="batch_user_lease"),
        )

    def __str__(self) -> str:
        return self.title or str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("batches:detail", args=[self.pk])

    # Reads

    @property
    def kind(self) -> Kind:
        """Return what its model creates. Single rows can have another model."""
        return Format(self.format).kind

    @property
    def open_count(self) -> int:
        return self.total - self.ready_count - self.failed_count - self.cancelled_count

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_BATCH

    @property
    def is_over(self) -> bool:
        """Return whether no more images will come. A cancelled batch may still have an image in flight."""
        return not self.is_open and not self.open_count

    @property
    def may_pause(self) -> bool:
        return self.status in RUNNABLE

    @property
    def may_resume(self) -> bool:
        return self.status == BatchStatus.PAUSED or self._waits_for_the_plan

    @property
    def may_retry(self) -> bool:
        return self.failed_count > 0 and self.status != BatchStatus.CANCELLED and self.deleted_at is None

    def seconds_run(self) -> float:
        """Return how long the batch has run, from its start to its end, without pauses and holds."""
        seconds, since = 0.0, None
        moves = self.events.filter(position=None).order_by("id").values_list("to_status", "created_at")
        for status, at in moves:
            seconds += (at - since).total_seconds() if since else 0
            since = at if status == BatchStatus.RUNNING else None
        return seconds

    def run_began_at(self) -> datetime:
        """Return when the batch was submitted, or last retried after its end."""
        begun = self.events.filter(position=None, from_status__in=("", BatchStatus.FINISHED)).order_by("-id")
        return begun.values_list("created_at", flat=True).first() or self.created_at

    # Verbs: each returns False if the batch is no longer in a state that allows it.

    def pause(self, actor: User | None, reason: str = "") -> bool:
        """Stop after the image in flight, if any."""
        return self._move(RUNNABLE, BatchStatus.PAUSED, actor=actor, reason=reason)

    def resume(self, actor: User) -> bool:
        """Continue after a pause. An operator can also end a wait."""
        ends_a_wait = actor.is_staff or self._waits_for_the_plan
        allowed = (BatchStatus.PAUSED, BatchStatus.ON_HOLD) if ends_a_wait else (BatchStatus.PAUSED,)
        return self._requeue(allowed, actor=actor)

    @property
    def _waits_for_the_plan(self) -> bool:
        # The customer may have bought a larger plan meanwhile. The worker checks the limit again.
        return self.status == BatchStatus.ON_HOLD and self.waiting_reason == WaitReason.DAILY_LIMIT

    def end_wait(self) -> bool:
        return self._requeue((BatchStatus.ON_HOLD,), reason="resume_at")

    def reopen(self, actor: User | None) -> bool:
        """Enqueue a finished batch whose failed prompts are retried; True also if the batch is open."""
        if self.status != BatchStatus.FINISHED:
            return self.is_open
        fresh = {"finished_at": None, "end_mail_at": None, "setback_count": 0}
        return self._requeue((BatchStatus.FINISHED,), actor=actor, reason="retry", **fresh)

    def start(self) -> bool:
        """Record that the first image, or the first after a wait, has started."""
        if self.status != BatchStatus.QUEUED:
            return False
        return self._move((BatchStatus.QUEUED,), BatchStatus.RUNNING, started_at=self.started_at or timezone.now())

    def finish(self) -> bool:
        """Record that no prompt is open, even if the customer paused during the last image."""
        now = timezone.now()
        return self._move(OPEN_BATCH, BatchStatus.FINISHED, finished_at=now, end_mail_at=now)

    def wait(self, reason: str, detail: str = "", resume_at: datetime | None = None) -> bool:
        """Put the batch on hold until `resume_at`, or until an operator resumes it."""
        return self._move(
            RUNNABLE,
            BatchStatus.ON_HOLD,
            reason=reason,
            waiting_reason=reason,
            waiting_detail=detail[:500],
            resume_at=resume_at,
        )

    def _close(self, actor: User | None) -> bool:
        """Half of a verb: `batches.lifecycle.cancel` also closes the prompts."""
        return self._move(OPEN_BATCH, BatchStatus.CANCELLED, actor=actor, finished_at=timezone.now())

    def _requeue(self, allowed: tuple[BatchStatus, ...], **changes: Any) -> bool:
        changes |= {
            "waiting_reason": "",
            "waiting_detail": "",
            "resume_at": None,
            "not_before": None,
            "enqueued_at": None,
        }
        return self._move(allowed, BatchStatus.QUEUED, **changes)

    @transaction.atomic
    def _move(
        self,
        allowed: tuple[BatchStatus, ...],
        to_status: BatchStatus,
        *,
        actor: User | None = None,
        reason: str = "",
        **changes: Any,
    ) -> bool:
        # A worker may have started or finished the batch since it was loaded.
        self.lock()
        from_status = self.status
        if from_status not in allowed:
            return False
        Batch.objects.filter(pk=self.pk).update(status=to_status, revision=F("revision") + 1, **changes)
        BatchEvent.objects.create(
            batch_id=self.pk, actor=actor, from_status=from_status, to_status=to_status, reason=reason[:255]
        )
        self.status = to_status
        for name, value in changes.items():
            setattr(self, name, value)
        if to_status not in OPEN_BATCH:
            Reference.objects.filter(links__batch=self).unused().discard()
        if to_status in outbox.EVENT_OF:
            outbox.announce(self, outbox.EVENT_OF[to_status])
        return True

    def lock(self) -> None:
        """Reload the batch, and lock it until the caller's transaction ends."""
        self.refresh_from_db(from_queryset=Batch.objects.select_for_update())

    def touch(self, **changes: Any) -> int:
        """Apply `changes`, and return the new revision for the rows that change with it.

        Call it first in a transaction: the row lock then orders the revisions.
        """
        Batch.objects.filter(pk=self.pk).update(revision=F("revision") + 1, **changes)
        return Batch.objects.values_list("revision", flat=True).get(pk=self.pk)
