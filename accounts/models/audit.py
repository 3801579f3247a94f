"""The audit trail: who changed what about somebody's access, and when. Rows are only ever added."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Named reads of the trail."""

    def of(self, user: User) -> "AuditEntryQuerySet":
        """Return what concerns this user: the one owner filter of the trail."""
        return self.filter(user=user)

    def about_keys(self) -> "AuditEntryQuerySet":
        """Return what was done to API keys, newest first."""
        action = AuditEntry.Action
        return self.filter(action__in=(action.KEY_CREATED, action.KEY_RENAMED, action.KEY_REVOKED)).order_by("-id")


class AuditEntry(models.Model):
    """One change. `subject` is the public id of what was changed."""

    class Action(models.TextChoices):
        """What was done."""

        KEY_CREATED = "key_created", _("Key created")
        KEY_RENAMED = "key_renamed", _("Key renamed")
        KEY_REVOKED = "key_revoked", _("Key revoked")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="audit_entries", verbose_name=_("user")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the command line."),
    )
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    subject = models.CharField(_("subject"), max_length=40)
    note = models.CharField(_("note"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
