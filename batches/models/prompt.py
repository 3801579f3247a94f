import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Subquery, Sum
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from batches.choices import (
    MADE_PROMPT,
    NEEDS_NEW_WORDING,
    OPEN_PROMPT,
    Format,
    Moderation,
    PromptStatus,
    Quality,
    Ratio,
    Verdict,
    error_sentence,
)
from batches.lists.styles import styled_prompt
from batches.models.batch import Batch
from batches.models.event import BatchEvent
from batches.models.moderation_case import ModerationCase
from lib.database_time import DatabaseNow

if TYPE_CHECKING:
    from batches.pictures.finish import Picture
    from batches.pictures.videos import Video


#: The columns that a worker needs. Reading whole rows of three tables would take a tenth of its CPU time.
_FOR_A_CALL = (
    "position", "file_name", "text", "style", "quality", "format", "ratio", "credits", "status", "started_at",
    "busy_count", "fault_count", "unknown_count", "retry_at", "moderation", "reference_count", "revision",
    "batch__user", "batch__user__is_active",
    "batch__status", "batch__setback_count",
    "batch__total", "batch__ready_count", "batch__failed_count", "batch__cancelled_count",
    "seconds", "job_id", "request_id",
    "image_model__code", "image_model__provider", "image_model__makes", "image_model__inputs",
    "image_model__parameters",
    "image_model__size_square", "image_model__size_landscape", "image_model__size_portrait",
    "edit__base", "edit__mask",
    "image_model__text_input_cents", "image_model__image_input_cents", "image_model__image_output_cents",
)  # fmt: skip

#: A longer name given by the customer is cut.
MAX_NAME_CHARACTERS = 300
#: Rows per query: MariaDB's client loads a whole result into memory, and its server accepts statements of 16 MB.
ROWS_AT_ONCE = 100


class PromptQuerySet(models.QuerySet["Prompt"]):
    def open(self) -> "PromptQuerySet":
        return self.filter(status__in=OPEN_PROMPT)

    def failed(self) -> "PromptQuerySet":
        return self.filter(status=PromptStatus.FAILED)

    def retryable(self) -> "PromptQuerySet":
        return self.failed().exclude(error_code__in=(*NEEDS_NEW_WORDING, "base_gone"))

    def character_count(self) -> int:
        """Count the characters of the prompts, which `Batch.character_count` stores."""
        each = Length("text") + Length("style") + Length("name")
        count: int = self.aggregate(count=Sum(each, default=0))["count"]
        return count

    def in_the_list(self) -> "PromptQuerySet":
        return self.filter(origin=None)

    def made(self) -> "PromptQuerySet":
        """Return the prompts whose image was created, even if the server no longer has it."""
        return self.filter(status__in=MADE_PROMPT)

    def on_server(self) -> "PromptQuerySet":
        return self.filter(status=PromptStatus.READY)

    def last_made(self, count: int) -> list[tuple[datetime, float]]:
        """Return when the last `count` images were ready and how many seconds each took, newest first."""
        timed = self.filter(duration_seconds__isnull=False, ready_at__isnull=False).order_by("-ready_at")
        return list(timed.values_list("ready_at", "duration_seconds")[:count])

    def in_pieces(self, *columns: str) -> Iterator[list[Any]]:
        """Yield named tuples of the position and the columns, in list order, `ROWS_AT_ONCE` at a time."""
        rows = self.order_by("position").values_list("position", *columns, named=True)
        piece = list(rows[:ROWS_AT_ONCE])
        while piece:
            yield piece
            is_last = len(piece) < ROWS_AT_ONCE
            piece = [] if is_last else list(rows.filter(position__gt=piece[-1].position)[:ROWS_AT_ONCE])

    def cancel_waiting(self, revision: int) -> int:
        waiting = self.filter(status=PromptStatus.QUEUED)
        return waiting.update(status=PromptStatus.CANCELLED, revision=revision, error_code="")

    def retry_failed(self, revision: int) -> int:
        """Enqueue every failed prompt again with its counters reset; return how many."""
        return self.failed().update(
            status=PromptStatus.QUEUED,
            revision=revision,
            busy_count=0,
            fault_count=0,
            unknown_count=0,
            retry_at=None,
            moderation=Moderation.UNCHECKED,
            job_id=None,
            error_code="",
            error_detail="",
        )

    def aged_out(self, now: datetime) -> "PromptQuerySet":
        """Return the prompts whose image was confirmed long enough ago, or was not fetched in time."""
        confirmed = Q(confirmed_at__lt=now - timedelta(hours=settings.IMAGE_GRACE_HOURS))
        too_old = Q(ready_at__lt=now - timedelta(hours=settings.IMAGE_MAX_AGE_HOURS))
        return self.on_server().filter(confirmed | too_old)


class Prompt(models.Model):
    """One image of a batch. Every change of state is a verb here, in a transaction that also books the credits."""

    batch = models.ForeignKey("batches.Batch", models.CASCADE, related_name="prompts", verbose_name=_("batch"))
    position = models.PositiveIntegerField(_("position"), help_text=_("Starts at 1, in the order of the list."))
    text = models.TextField(_("prompt"))
    style = models.TextField(_("style"), blank=True)
    name = models.CharField(_("requested name"), max_length=MAX_NAME_CHARACTERS, blank=True)
    file_name = models.CharField(_("file name"), max_length=255)
    image_model = models.ForeignKey("batches.ImageModel", models.PROTECT, related_name="+", verbose_name=_("model"))
    quality = models.CharField(_("quality"), max_length=10, choices=Quality.choices)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    ratio = models.CharField(_("ratio"), max_length=5, choices=Ratio.choices)
    seconds = models.PositiveSmallIntegerField(_("seconds"), null=True, blank=True, help_text=_("Video length."))
    credits = models.PositiveIntegerField(_("credits"))
    reference_count = models.PositiveSmallIntegerField(
        _("reference photos"), default=0, help_text=_("The prompt fails if one of them is deleted.")
    )

    origin = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="versions",
        verbose_name=_("version of"),
        help_text=_("Blank for prompts of the submitted list."),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict.choices, blank=True)

    status = models.CharField(_("status"), max_length=12, choices=PromptStatus.choices, default=PromptStatus.QUEUED)
    revision = models.PositiveIntegerField(
        _("revision"), default=1, help_text=_("The batch’s revision when the prompt last changed.")
    )
    attempt_count = models.PositiveIntegerField(_("upstream calls"), default=0)
    busy_count = models.PositiveIntegerField(_("busy responses"), default=0)
    fault_count = models.PositiveIntegerField(_("upstream faults"), default=0)
    unknown_count = models.PositiveIntegerField(_("calls with an unknown outcome"), default=0)
    retry_at = models.DateTimeField(
        _("next attempt"), null=True, blank=True, help_text=_("Set after a call that returned no image.")
    )
    moderation = models.CharField(_("moderation"), max_length=8, choices=Moderation.choices, blank=True)
    error_code = models.CharField(_("error code"), max_length=30, blank=True)
    error_detail = models.CharField(_("upstream message"), max_length=500, blank=True)
    request_id = models.CharField(_("upstream request ID"), max_length=100, blank=True, db_index=True)
    job_id = models.CharField(_("Replicate prediction ID"), max_length=100, null=True, blank=True, unique=True)

    image = models.CharField(_("file on the server"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    byte_count = models.PositiveIntegerField(_("size (bytes)"), null=True, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    charge = models.OneToOneField(
        "billing.LedgerEntry", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("charge")
    )
    upstream_cost_cents = models.DecimalField(
        _("upstream cost (US cents)"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    duration_seconds = models.FloatField(_("duration (seconds)"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("saved by the browser"), null=True, blank=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        ordering = ("batch", "position")
        constraints = (
            models.UniqueConstraint(fields=["batch", "position"], name="position_once_per_batch"),
            models.UniqueConstraint(fields=["batch", "file_name"], name="file_name_once_per_batch"),
            models.CheckConstraint(
                condition=~Q(status=PromptStatus.READY) | (~Q(image="") & ~Q(sha256="") & Q(charge__isnull=False)),
                name="ready_has_file_and_charge",
            ),
            models.CheckConstraint(
                condition=Q(status__in=MADE_PROMPT) | Q(charge__isnull=True), name="only_made_images_are_charged"
            ),
        )
        indexes = (
            models.Index(fields=["batch", "status", "position"], name="prompt_batch_status"),
            models.Index(fields=["batch", "revision"], name="prompt_batch_revision"),
            models.Index(fields=["status", "ready_at"], name="prompt_status_ready"),
            # For the time that an image usually takes, among a million of them.
            models.Index(fields=["image_model", "quality", "ready_at"], name="prompt_model_ready"),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.text[:60]}"

    # Reads

    @staticmethod
    def next_up(batch_id: uuid.UUID) -> "Prompt | None":
        """Return the prompt of a batch to make next, with its batch, customer and model; None if none is open.

        If all of them wait, it is the first whose `retry_at` comes. Those with an unknown outcome come last, so that
        an outage isn't paid for twice with the same prompt.

        Its `leased_count` is the number of the customer's batches that have a worker.
        """
        mine = Prompt.objects.open().filter(batch=batch_id)
        # A subquery, not a column of the outer query: with that MariaDB would not use the whole index.
        customer = Subquery(Batch.objects.filter(pk=batch_id).order_by().values("user"))
        leased = Batch.objects.filter(user=customer).leased().order_by().values("user")
        whole = (
            mine.select_related("batch__user", "image_model", "edit")
            .only(*_FOR_A_CALL)
            .annotate(leased_count=Subquery(leased.annotate(count=Count("*")).values("count")))
        )
        due = Q(retry_at=None) | Q(retry_at__lte=DatabaseNow(), unknown_count=0)
        # "generating" sorts before "waiting", so a prompt that a dead worker left in flight comes first.
        first_due = whole.filter(due | Q(status=PromptStatus.GENERATING)).order_by("status", "position").first()
        return first_due or whole.order_by("retry_at", "position").first()

    @property
    def is_made(self) -> bool:
        return self.status in MADE_PROMPT

    @property
    def may_edit(self) -> bool:
        return self.is_made and self.format != Format.MP4

    @property
    def is_edit(self) -> bool:
        return hasattr(self, "edit")

    @property
    def full_text(self) -> str:
        return styled_prompt(self.text, self.style)

    @property
    def error_sentence(self) -> str:
        return error_sentence(self.error_code) if self.error_code else ""

    @property
    def needs_new_wording(self) -> bool:
        return self.error_code in NEEDS_NEW_WORDING

    # Verbs: each returns False if the prompt is no longer in the state that allows it.

    def generate(self, revision: int) -> bool:
        """Return False also if the prompt has changed since it was read: its photos or price may differ."""
        self.started_at = timezone.now()
        return self._move(
            PromptStatus.QUEUED,
            PromptStatus.GENERATING,
            revision,
            read_at=self.revision,
            attempt_count=F("attempt_count") + 1,
            started_at=self.started_at,
            retry_at=None,
            error_code="",
            error_detail="",
        )

    def deliver(self, revision: int, picture: "Picture | Video", *, image: str, charge_id: int, **facts: Any) -> bool:
        """Record that the image is stored under `image` and charged; `facts` are further fields."""
        now = timezone.now()
        return self._move(
            PromptStatus.GENERATING,
            PromptStatus.READY,
            revision,
            image=image,
            sha256=picture.sha256,
            byte_count=picture.byte_count,
            width=picture.width,
            height=picture.height,
            charge_id=charge_id,
            ready_at=now,
            confirmed_at=None,
            **facts,
        )

    def fail(self, revision: int, code: str, *, detail: str = "", request_id: str = "") -> bool:
        return self._stop(
            PromptStatus.GENERATING, revision, error_code=code, error_detail=detail[:500], request_id=request_id[:100]
        )

    def flag(self, revision: int, categories: Iterable[str]) -> bool:
        """Fail the prompt before it is sent; `categories` are OpenAI's codes."""
        detail = ", ".join(categories)[:500]
        return self._stop(PromptStatus.QUEUED, revision, error_code="flagged", error_detail=detail)

    def _stop(self, from_status: PromptStatus, revision: int, **why: Any) -> bool:
        if not self._move(from_status, PromptStatus.FAILED, revision, reason=why["error_code"], **why):
            return False
        self.error_code, self.error_detail = why["error_code"], why["error_detail"]
        if self.needs_new_wording:
            ModerationCase.open_for(self)
        return True

    def requeue(self, revision: int, *, reason: str, **changes: Any) -> bool:
        """Enqueue the prompt again; `changes` are further fields."""
        return self._move(PromptStatus.GENERATING, PromptStatus.QUEUED, revision, reason=reason, **changes)

    def cancel(self, revision: int) -> bool:
        return self._move(PromptStatus.GENERATING, PromptStatus.CANCELLED, revision)

    def expire(self, revision: int) -> bool:
        return self._move(PromptStatus.READY, PromptStatus.EXPIRED, revision, image="")

    def _move(
        self,
        from_status: PromptStatus,
        to_status: PromptStatus,
        revision: int,
        *,
        reason: str = "",
        read_at: int | None = None,
        **changes: Any,
    ) -> bool:
        mine = Prompt.objects.filter(pk=self.pk, status=from_status)
        if read_at is not None:
            mine = mine.filter(revision=read_at)
        if not mine.update(status=to_status, revision=revision, **changes):
            return False
        facts = {"position": self.position, "from_status": from_status, "to_status": to_status, "reason": reason}
        BatchEvent.objects.create(batch_id=self.batch_id, **facts)
        self.status = to_status
        return True
