"""Read-only admin pages."""

from typing import Any

from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest


class ReadOnly:
    """Refuses to add, change and delete; put it before `ModelAdmin` or an inline in the bases."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FirstRows(BaseInlineFormSet):
    """Shows only the first rows of an inline, because a batch may have a thousand."""

    limit = 100

    def get_queryset(self) -> QuerySet[Any]:
        # Cached, because the formset reads it once for each form.
        if not hasattr(self, "_first"):
            self._first = super().get_queryset()[: self.limit]
        return self._first
