"""The ledger: every movement of credits. Entries are never changed or deleted.

The one exception: when a customer deletes an image, its entry's note, which quotes the prompt, is erased.
"""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def of(self, user: User | int) -> "LedgerEntryQuerySet":
        return self.filter(account__user=user)

    def images_since(self, start: datetime) -> "LedgerEntryQuerySet":
        return self.filter(kind=LedgerEntry.Kind.IMAGE, created_at__gt=start)


class LedgerEntry(models.Model):
    class Kind(models.TextChoices):
        """The first five are the origins of grants."""

        FREE = "free", _("Free credits")
        PLAN = "plan", _("Plan")
        PACK = "pack", _("Pack")
        OPERATOR = "operator", _("Granted by an operator")
        GOODWILL = "goodwill", _("Goodwill")
        IMAGE = "image", _("Image")
        EXPIRY = "expiry", _("Expired")
        REFUND = "refund", _("Refund")
        DISPUTE = "dispute", _("Disputed payment")

    account = models.ForeignKey(
        "billing.CreditAccount", models.PROTECT, related_name="entries", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    amount = models.IntegerField(_("credits"), help_text=_("Positive if added, negative if removed."))
    key = models.CharField(
        _("business key"), max_length=100, unique=True, help_text=_("Identifies the booking, for example prompt:123.")
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    grant = models.ForeignKey(
        "billing.CreditGrant",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("grant"),
        help_text=_("The grant that was added, expired or refunded. Blank for images, which can use several."),
    )
    hold = models.ForeignKey(
        "billing.Hold",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("hold"),
        help_text=_("The hold of the image’s batch."),
    )
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["account", "created_at"], name="ledger_account_created"),
            models.Index(fields=["created_at"], name="ledger_created"),
        )

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.key}"
