"""Payments that a bank confirms or refuses days later, such as bank debits.

Stripe's objects in our database do not name the payment of an invoice, so the page could not show that it is under way.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DelayedPayment(models.Model):
    class Status(models.TextChoices):
        PROCESSING = "processing", _("Processing")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    payment_intent = models.CharField(_("Stripe payment"), max_length=255, unique=True)
    invoice = models.CharField(_("Stripe invoice"), max_length=255, blank=True, db_index=True)
    product_key = models.CharField(_("plan or pack"), max_length=30, blank=True)
    amount = models.PositiveIntegerField(_("amount"), help_text=_("In the smallest currency unit, for example cents."))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("delayed payment")
        verbose_name_plural = _("delayed payments")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.payment_intent}: {self.status}"
