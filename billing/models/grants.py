"""Grants: credits that came in together, how many of them remain, and when they expire."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CreditGrantQuerySet(models.QuerySet["CreditGrant"]):
    def unspent(self) -> "CreditGrantQuerySet":
        return self.filter(remaining__gt=0)

    def beyond_free(self) -> "CreditGrantQuerySet":
        """Return the unspent grants that were bought or given: they allow more than the free ones."""
        return self.unspent().exclude(origin=CreditGrant.Origin.FREE)

    def in_spending_order(self) -> "CreditGrantQuerySet":
        """Return the grants that end soonest first, those that never end last, and older ones first among equals."""
        return self.order_by(F("expires_at").asc(nulls_last=True), "pk")

    def ended(self, now: datetime) -> "CreditGrantQuerySet":
        return self.unspent().filter(expires_at__lte=now)

    def of_latest_month(self) -> "CreditGrantQuerySet":
        """Return the credits of each account's latest month of a plan, which may have ended."""
        months = CreditGrant.objects.filter(account=OuterRef("account"), origin=CreditGrant.Origin.PLAN)
        later = months.filter(expires_at__gt=OuterRef("expires_at"))
        return self.filter(~Exists(later), origin=CreditGrant.Origin.PLAN)


class CreditGrant(models.Model):
    """Credits granted together. Only `billing.credits.ledger` changes `remaining`."""

    class Origin(models.TextChoices):
        FREE = "free", _("Free credits")
        PLAN = "plan", _("Plan")
        PACK = "pack", _("Pack")
        OPERATOR = "operator", _("Granted by an operator")
        GOODWILL = "goodwill", _("Goodwill")

    account = models.ForeignKey(
        "billing.CreditAccount", models.PROTECT, related_name="grants", verbose_name=_("account")
    )
    origin = models.CharField(_("origin"), max_length=12, choices=Origin.choices)
    amount = models.PositiveIntegerField(_("credits"))
    remaining = models.PositiveIntegerField(_("remaining"))
    #: Held credits do not expire.
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Blank if they never expire."))
    key = models.CharField(
        _("business key"), max_length=100, unique=True, help_text=_("Identifies the booking, for example in:<invoice>.")
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    payment_intent = models.CharField(_("Stripe payment"), max_length=255, blank=True, db_index=True)
    invoice = models.CharField(_("Stripe invoice"), max_length=255, blank=True, db_index=True)
    paid_cents = models.PositiveIntegerField(
        _("amount paid (US cents)"), default=0, help_text=_("Before tax, for all months of a yearly plan. 0 if free.")
    )
    later_credits = models.PositiveIntegerField(
        _("credits for later months"), default=0, help_text=_("Credits for the other months of a yearly invoice.")
    )
    later_given = models.PositiveIntegerField(_("later credits granted"), default=0)
    later_withheld = models.PositiveIntegerField(_("later credits refunded"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = CreditGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit grant")
        verbose_name_plural = _("credit grants")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("amount")), name="grant_remaining_within_amount"
            ),
        )
        indexes = (models.Index(fields=["account", "remaining"], name="grant_account_remaining"),)

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount} {self.key}"

    @property
    def later_left(self) -> int:
        return self.later_credits - self.later_given - self.later_withheld
