from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from batches.choices import BatchStatus, PromptStatus


class BatchEvent(models.Model):
    """One change of state of a batch or of one of its prompts, never changed: who, from, to, why."""

    batch = models.ForeignKey("batches.Batch", models.CASCADE, related_name="events", verbose_name=_("batch"))
    position = models.PositiveIntegerField(
        _("position"), null=True, blank=True, help_text=_("The prompt’s position. Blank for changes of the batch.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Blank if a worker made the change."),
    )
    from_status = models.CharField(_("old status"), max_length=12, blank=True)
    to_status = models.CharField(_("new status"), max_length=12)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-id",)
        indexes = (models.Index(fields=["to_status", "created_at"], name="event_status_created"),)

    def __str__(self) -> str:
        return f"{self.position or ''} {self.label(self.from_status)} → {self.label(self.to_status)}".strip()

    def label(self, status: str) -> str:
        return str(dict((PromptStatus if self.position else BatchStatus).choices).get(status, status))
