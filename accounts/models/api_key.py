from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.audit import AuditAction, AuditEntry
from accounts.models.user import User

#: A key in use is not saved with every request.
_LAST_USED_PRECISION = timedelta(minutes=1)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def of(self, user: User) -> "ApiKeyQuerySet":
        return self.filter(user=user)

    def usable(self, now: datetime) -> "ApiKeyQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def expired(self, now: datetime) -> "ApiKeyQuerySet":
        """Return the keys that expired without being revoked."""
        return self.filter(expires_at__lte=now, revoked_at=None)

    def revoked(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at__isnull=False)


class ApiKey(models.Model):
    """The key itself is shown once; only a hash of its secret is stored."""

    class Scope(models.TextChoices):
        BATCHES_READ = "batches:read", _("View batches and download images")
        BATCHES_WRITE = "batches:write", _("Create and change batches")
        USAGE_READ = "usage:read", _("View usage")
        BILLING = "billing", _("Manage customers, payments and invoices")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("user"))
    public_id = models.CharField(_("public ID"), max_length=16, unique=True, editable=False)
    secret_sha256 = models.CharField(_("hash of the secret"), max_length=64, editable=False)
    name = models.CharField(_("name"), max_length=100)
    scopes = models.JSONField(_("scopes"), default=list)
    monthly_credit_limit = models.PositiveIntegerField(
        _("monthly credit limit"), null=True, blank=True, help_text=_("Leave blank for no limit.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Blank if it never expires."))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"

    # Reads

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and not self.is_expired(timezone.now())

    @property
    def prefix(self) -> str:
        """The part of the key that may be shown."""
        return f"iib_{self.public_id}_…"

    # Verbs

    @transaction.atomic
    def rename(self, name: str, actor: User) -> bool:
        """Return False if the name is unchanged, or the key was renamed by another request."""
        before = self.name
        if name == before or not ApiKey.objects.filter(pk=self.pk, name=before).update(name=name):
            return False
        self.name = name
        self.note(actor, AuditAction.KEY_RENAMED, f"{before} → {name}")
        return True

    @transaction.atomic
    def revoke(self, actor: User | None) -> bool:
        """Return False if the key was revoked before. `actor` is None on the command line."""
        now = timezone.now()
        if not ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now):
            return False
        self.revoked_at = now
        self.note(actor, AuditAction.KEY_REVOKED)
        return True

    def touch(self) -> None:
        """Update `last_used_at`, at most once a minute."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - _LAST_USED_PRECISION:
            stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _LAST_USED_PRECISION)
            ApiKey.objects.filter(stale, pk=self.pk).update(last_used_at=now)

    def note(self, actor: User | None, action: AuditAction, note: str = "") -> None:
        """Record a change in the audit trail, with `note` or the key's name."""
        AuditEntry.objects.record(action, self.user, actor=actor, subject=self.public_id, note=note or self.name)


class KeyUsageDay(models.Model):
    """Requests of one key on one day (UTC). Its images and credits are in the ledger."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="usage_days", verbose_name=_("key"))
    on = models.DateField(_("day"))
    requests = models.PositiveIntegerField(_("requests"), default=0)

    class Meta:
        verbose_name = _("API key usage")
        verbose_name_plural = _("API key usage")
        constraints = (models.UniqueConstraint(fields=["key", "on"], name="day_once_per_key"),)

    def __str__(self) -> str:
        return f"{self.key_id} {self.on}: {self.requests}"
