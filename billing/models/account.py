"""Credits: one balance per customer, and the holds on it.

Every movement is one `LedgerEntry` with a unique business key, so that the same fact (this prompt, this
invoice) can be booked only once. At any moment `sum(entries) == balance`,
`sum(holds) == held` and `sum(remaining of grants) == max(balance, 0)`; `manage.py check_ledger` proves it.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CreditAccount(models.Model):
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
        return self.balance - self.held


class Hold(models.Model):
    """Credits held for one batch: as many as its open prompts will cost if all succeed."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="holds", verbose_name=_("account"))
    key = models.CharField(_("business key"), max_length=100, unique=True, help_text=_("For example batch:<id>."))
    credits = models.PositiveIntegerField(_("credits held"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = (models.CheckConstraint(condition=Q(credits__gte=0), name="hold_not_negative"),)
        indexes = (models.Index(fields=["account", "created_at"], name="hold_account_created"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.credits}"
