"""Prompts that were refused for safety reasons, in the queue that operators review."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from batches.models.prompt import Prompt


class ModerationCase(models.Model):
    """One refusal of one prompt. It has the text of that moment, because customers edit and retry prompts."""

    class Source(models.TextChoices):
        """The values are the error codes of prompts."""

        FLAGGED = "flagged", _("Our safety check")
        REFUSED = "refused", _("The AI service")

    class Decision(models.TextChoices):
        OPEN = "", _("To review")
        FINE = "fine", _("Fine")
        WARNED = "warned", _("Customer warned")
        SUSPENDED = "suspended", _("Customer suspended")

    prompt = models.ForeignKey(
        "batches.Prompt", models.CASCADE, related_name="moderation_cases", verbose_name=_("prompt")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="moderation_cases", verbose_name=_("user")
    )
    source = models.CharField(_("stopped by"), max_length=10, choices=Source.choices)
    text = models.TextField(_("prompt"))
    detail = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, blank=True, default=Decision.OPEN
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("prompt to review")
        verbose_name_plural = _("prompts to review")
        ordering = ("-id",)
        indexes = (models.Index(fields=["decision", "id"], name="case_decision"),)

    def __str__(self) -> str:
        # Not the prompt: the admin's log stores this, and would still have it when the customer has deleted the batch.
        return f"{self.pk} ({self.get_source_display()})"

    @classmethod
    def open_for(cls, prompt: "Prompt") -> None:
        """Put the prompt into the queue, as it was refused just now."""
        cls.objects.create(
            prompt=prompt,
            user_id=prompt.batch.user_id,
            source=prompt.error_code,
            text=prompt.full_text,
            detail=prompt.error_detail,
        )

    def decide(self, decision: Decision, operator: User) -> bool:
        """Record the decision; False if another operator has decided meanwhile."""
        undecided = ModerationCase.objects.filter(pk=self.pk, decision=self.Decision.OPEN)
        return bool(undecided.update(decision=decision, decided_by=operator, decided_at=timezone.now()))
