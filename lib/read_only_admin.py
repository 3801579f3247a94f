"""Read-only admin pages, also of other packages' models."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def translate(model: Any, name: Promise, plural: Promise, **labels: Promise) -> None:
    """Name a package's model and its fields, which the package doesn't translate. Needs no migration."""
    model._meta.verbose_name, model._meta.verbose_name_plural = name, plural
    for field, label in labels.items():
        model._meta.get_field(field).verbose_name = label


class ReadOnly:
    """Refuses to add, change and delete; put it before `ModelAdmin` or an inline in the bases."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out relations that the operator may not view: Django would link to a page that refuses the operator."""
        shown = []
        for title, options in super().get_fieldsets(request, obj):  # type: ignore[misc]
            fields = [name for name in options["fields"] if self._may_see(request, name)]
            if fields:
                shown.append((title, {**options, "fields": fields}))
        return shown

    def _may_see(self, request: HttpRequest, name: Any) -> bool:
        field: Any = next((field for field in self.opts.get_fields() if field.name == name), None)  # type: ignore[attr-defined]
        site: admin.AdminSite = self.admin_site  # type: ignore[attr-defined]
        if field is None or not field.is_relation or not site.is_registered(field.related_model):
            return True
        return bool(site.get_model_admin(field.related_model).has_view_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NamedStates:
    """Columns with the names of an event's two states. The event's `label` names a status."""

    @admin.display(description=_("from"), ordering="from_status")
    def from_label(self, event: Any) -> str:
        return str(event.label(event.from_status))

    @admin.display(description=_("to"), ordering="to_status")
    def to_label(self, event: Any) -> str:
        return str(event.label(event.to_status))


class FirstRows(BaseInlineFormSet):
    """Shows only the first rows of an inline, because a batch may have a thousand."""

    limit = 100

    def get_queryset(self) -> QuerySet[Any]:
        # Cached, because the formset reads it once for each form.
        if not hasattr(self, "_first"):
            self._first = super().get_queryset()[: self.limit]
        return self._first
