"""Credits: one balance per customer, holds on it, and the ledger that explains it.

Every movement is one `LedgerEntry` with a business key that is unique, so that the same
fact (this prompt, this invoice) can be booked only once. `sum(entries) == balance` and
`sum(holds) == held` at any moment; `manage.py check_ledger` proves it.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CreditAccount(models.Model):
    """A customer's credits: what the ledger adds up to, and how much of it is held for open prompts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="credit_account", verbose_name=_("user")
    )
    balance = models.IntegerField(_("balance"), default=0)
    held = models.PositiveIntegerField(_("held"), default=0)

    class Meta:
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")
        constraints = (models.CheckConstraint(condition=Q(held__gte=0), name="held_not_negative"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.balance}"

    @property
    def left(self) -> int:
        """Return the credits that a new batch may use: the balance without what is held."""
        return self.balance - self.held


class LedgerEntry(models.Model):
    """One movement of credits, never changed or deleted afterwards."""

    class Kind(models.TextChoices):
        FREE = "free", _("Free credits")
        OPERATOR = "operator", _("Given by an operator")
        GOODWILL = "goodwill", _("Goodwill")
        IMAGE = "image", _("Image")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="entries", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    amount = models.IntegerField(_("credits"), help_text=_("Added if positive, used if negative."))
    key = models.CharField(
        _("business key"), max_length=100, unique=True, help_text=_("The fact that was booked, e.g. prompt:123.")
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-id",)
        indexes = (models.Index(fields=["account", "created_at"], name="ledger_account_created"),)

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.key}"


class Hold(models.Model):
    """Credits set aside for one batch: as many as its open prompts will cost if all succeed."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="holds", verbose_name=_("account"))
    key = models.CharField(_("business key"), max_length=100, unique=True, help_text=_("E.g. batch:<id>."))
    credits = models.PositiveIntegerField(_("credits held"), default=0)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = (models.CheckConstraint(condition=Q(credits__gte=0), name="hold_not_negative"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.credits}"
