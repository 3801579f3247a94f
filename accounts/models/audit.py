"""The audit trail: who signed in and who changed access to an account, from where and when.

Rows are only added, and deleted when they are older than `AUDIT_TRAIL_DAYS` (accounts.audit.retention).
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.audit import flood, security_log
from accounts.audit.origin import Origin
from accounts.models.user import User


class AuditAction(models.TextChoices):
    """Users see the labels in "Recent activity"."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    LOCKED_OUT = "locked_out", _("Locked out after too many attempts")
    CODE_SENT = "code_sent", _("Code emailed")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSION_ENDED = "session_ended", _("Session ended")
    FACTOR_ADDED = "factor_added", _("Two-factor method added")
    FACTOR_REMOVED = "factor_removed", _("Two-factor method removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes created")
    FACTOR_INVITED = "factor_invited", _("Invited to add a two-factor method")
    PASSWORD_SET = "password_set", _("Password set")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset")
    PASSWORD_RESET_MAILED = "password_reset_mailed", _("Password reset link emailed")
    EMAIL_CHANGED = "email_changed", _("Email address changed")
    EMAIL_REMOVED = "email_removed", _("Email address removed")
    SOCIAL_CONNECTED = "social_connected", _("Account connected")
    SOCIAL_REMOVED = "social_removed", _("Account disconnected")
    OTHER_ACCESS_REMOVED = "other_access_removed", _("Other sign-in methods removed")
    KEY_CREATED = "key_created", _("Key created")
    KEY_RENAMED = "key_renamed", _("Key renamed")
    KEY_REVOKED = "key_revoked", _("Key revoked")
    ROLE_CHANGED = "role_changed", _("Permissions changed")
    SUSPENDED = "suspended", _("Account suspended")
    REINSTATED = "reinstated", _("Suspension lifted")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    PHOTO_FLAGGED = "photo_flagged", _("Photo flagged by the safety check")
    PROMPT_REVIEWED = "prompt_reviewed", _("Prompt reviewed")
    DELETION_REQUESTED = "deletion_requested", _("Account deletion requested")
    DELETION_CANCELLED = "deletion_cancelled", _("Account deletion cancelled")
    DATA_EXPORTED = "data_exported", _("Data downloaded")
    ADMIN_DENIED = "admin_denied", _("Admin access denied")


#: Anybody can cause these any number of times, so their rows are limited (accounts.audit.flood).
REFUSALS = {
    AuditAction.SIGN_IN_FAILED,
    AuditAction.LOCKED_OUT,
    AuditAction.CODE_SENT,
    AuditAction.ADMIN_DENIED,
}


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, user: User) -> "AuditEntryQuerySet":
        return self.filter(user=user)

    def about_keys(self) -> "AuditEntryQuerySet":
        action = AuditAction
        return self.filter(action__in=(action.KEY_CREATED, action.KEY_RENAMED, action.KEY_REVOKED)).order_by("-id")

    def record(
        self,
        action: AuditAction,
        user: User | None,
        *,
        actor: User | None = None,
        address: str = "",
        subject: str = "",
        note: str = "",
    ) -> "AuditEntry | None":
        """Write one line to the `security` log and one row, with the origin of the current request.

        `user` is the account concerned, None if there is none. `actor` is who did it, None on the command line and for
        anonymous users. No argument may contain a code, a key or a password. Return None if too many refusals were
        stored already: this one is only in the log.
        """
        origin = Origin.of_request()
        entry = AuditEntry(
            user=user,
            actor=actor,
            action=action,
            address=address[:254].lower(),
            ip=origin.ip,
            user_agent=origin.user_agent,
            subject=subject[:40],
            note=note[:255],
        )
        security_log.write(entry.as_log_fields(), is_refusal=action in REFUSALS)
        if action in REFUSALS and not flood.has_room(action, user.pk if user else None, origin.ip):
            return None
        entry.save(force_insert=True)
        return entry


class AuditEntry(models.Model):
    """`subject` is the public id of what was changed, if it has one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="audit_entries",
        verbose_name=_("user"),
        help_text=_("Blank if no account has this address."),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Blank for the command line and for visitors who were not signed in."),
    )
    action = models.CharField(_("action"), max_length=40, choices=AuditAction.choices, db_index=True)
    address = models.EmailField(
        _("email address"), blank=True, db_index=True, help_text=_("The address that was entered, emailed or changed.")
    )
    ip = models.GenericIPAddressField(
        _("IP address"), null=True, blank=True, db_index=True, help_text=_("Blank for the command line.")
    )
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.subject or self.address}".strip()

    def as_log_fields(self) -> dict[str, object]:
        """Return the fields of the log, which names users by their public ids.

        The notes of refusals are codes. Others may quote a prompt, the name of a key or an email address.
        """
        return {
            "action": self.action,
            "user": str(self.user.public_id) if self.user else None,
            "actor": str(self.actor.public_id) if self.actor else None,
            "ip": self.ip,
            "user_agent": self.user_agent,
            "subject": self.subject,
            "note": self.note if self.action in REFUSALS else "",
        }
