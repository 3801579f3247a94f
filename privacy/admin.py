from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from privacy.legal.texts import template_text
from privacy.models import LegalPage


@admin.register(LegalPage)
class LegalPageAdmin(admin.ModelAdmin):
    list_display = ("kind", "language", "is_written", "changed_at")
    list_display_links = ("kind", "language")
    fields = ("kind", "language", "text", "template", "changed_at")
    readonly_fields = ("kind", "language", "template", "changed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("written by you"), boolean=True)
    def is_written(self, page: LegalPage) -> bool:
        return bool(page.text.strip())

    @admin.display(description=_("template text"))
    def template(self, page: LegalPage) -> str:
        """The template text. Operators must have it checked: no lawyer of their country has read it."""
        text = template_text(LegalPage.Kind(page.kind), page.language)
        return format_html(
            '<textarea readonly rows="24" class="vLargeTextField" aria-label="{}">{}</textarea>',
            _("template text"),
            text,
        )
