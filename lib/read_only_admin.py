"""Admin pages that only show: what is on record, operators may read but not change."""

from typing import Any

from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest


class ReadOnly:
    """Refuses to add, change and delete; goes in front of a ModelAdmin or an inline."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: such rows come from the product's own verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the admin then shows values instead of inputs."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a record that can be deleted proves nothing."""
        return False


class FirstRows(BaseInlineFormSet):
    """The first rows of an inline in its own order, because a batch may have a thousand."""

    limit = 100

    def get_queryset(self) -> QuerySet[Any]:
        """Return at most `limit` rows; read once for all forms."""
        if not hasattr(self, "_first"):
            self._first = super().get_queryset()[: self.limit]
        return self._first
