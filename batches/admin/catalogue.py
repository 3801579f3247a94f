"""Image models in the admin: operators edit their order, sizes and prices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.models import ImageModel, ModelQuality
from batches.models.catalogue import RETIREMENT_NOTICE


class CellForm(forms.ModelForm):
    """A table row whose inputs have labels for screen readers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


class QualityRows(forms.BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if box := form.fields.get("DELETE"):
            box.widget.attrs["aria-label"] = f"{box.label}: {form.instance}"


class QualityInline(admin.TabularInline):
    model = ModelQuality
    form = CellForm
    formset = QualityRows
    extra = 0


@admin.register(ImageModel)
class ImageModelAdmin(admin.ModelAdmin):
    """Changes apply to new batches."""

    list_display = ("code", "label", "enabled", "menu_order", "retires_on", "retirement", "sizes", "prices")
    list_editable = ("label", "enabled", "menu_order", "retires_on")
    search_fields = ("code", "label")
    inlines = (QualityInline,)
    fieldsets = (
        (None, {"fields": ("code", "label", "hint", "provider", "makes", "enabled", "menu_order", "retires_on")}),
        (_("What is sent"), {"fields": ("parameters", "inputs")}),
        (
            _("Sizes and formats"),
            {
                "fields": (
                    "size_square",
                    "size_landscape",
                    "size_portrait",
                    "makes_png",
                    "makes_jpg",
                    "reference_credits",
                )
            },
        ),
        (_("Provider prices"), {"fields": ("text_input_cents", "image_input_cents", "image_output_cents")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageModel]:
        return super().get_queryset(request).prefetch_related("qualities")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, form=CellForm, **kwargs)

    @admin.display(description=_("warning"))
    def retirement(self, model: ImageModel) -> str:
        """Warn about an enabled model that upstream will soon shut down, or has shut down."""
        if not model.enabled or not model.retires_on:
            return ""
        days = (model.retires_on - timezone.localdate()).days
        if days <= 0:
            return gettext("⚠ retired")
        return gettext("⚠ in %(days)s days") % {"days": days} if days <= RETIREMENT_NOTICE.days else ""

    @admin.display(description=_("sizes"))
    def sizes(self, model: ImageModel) -> str:
        return f"{model.size_square}, {model.size_landscape}, {model.size_portrait}"

    @admin.display(description=_("credits"))
    def prices(self, model: ImageModel) -> str:
        return ", ".join(f"{row.get_quality_display()} {row.credits}" for row in model.qualities.all())
