"""Shared presets in the admin. Customers' own presets are not shown."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from batches.models import Preset


@admin.register(Preset)
class PresetAdmin(admin.ModelAdmin):
    """Changes apply to forms that are opened afterwards."""

    list_display = ("title", "slug", "menu_order", "is_published", "needs_reference", "images")
    list_filter = ("is_published", "needs_reference")
    search_fields = ("title", "slug")
    fieldsets = (
        (None, {"fields": ("title", "slug", "description", "menu_order", "is_published", "needs_reference")}),
        (_("List"), {"fields": ("prompts", "names", "style")}),
        (_("Choices"), {"fields": ("image_model", "quality", "format", "ratio", "seconds")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preset]:
        return super().get_queryset(request).filter(owner=None)

    @admin.display(description=_("images"))
    def images(self, preset: Preset) -> int:
        return preset.image_count
