"""The legal pages: what operators have written for them."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class LegalPage(models.Model):
    """One page in one language. A migration makes the rows; operators fill them in."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of service")
        PRIVACY = "privacy", _("Privacy policy")
        REFUNDS = "refunds", _("Refunds")
        CONTACT = "contact", _("Contact")

    kind = models.CharField(_("page"), max_length=10, choices=Kind.choices, editable=False)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, editable=False)
    text = models.TextField(
        _("text"),
        blank=True,
        max_length=100_000,
        help_text=_(
            "If blank, customers see the template text. Formatting: # and ## for headings, - and 1. for lists, "
            "**bold**, [link](https://example.org)."
        ),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("legal page")
        verbose_name_plural = _("legal pages")
        ordering = ("kind", "language")
        constraints = (models.UniqueConstraint(fields=["kind", "language"], name="legal_page_once_per_language"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_language_display()})"

    def get_absolute_url(self) -> str:
        return reverse(f"legal:{self.kind}")
