"""Groups of operators in the admin. Who can change a group can give every permission to its members."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.models import AuditAction, AuditEntry
from operations import powers

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """What the members of a group may do: others may look, superusers change it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow it to superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Allow it to superusers."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Allow it to superusers."""
        return bool(request.user.is_superuser)

    def save_related(self, request: Any, form: ModelForm, formsets: Any, change: bool) -> None:
        """Save; other permissions are recorded, under the group's name."""
        super().save_related(request, form, formsets, change)
        if "permissions" in form.changed_data:
            before = form.initial.get("permissions", [])
            parts = powers.list_changes("permissions", before, form.cleaned_data["permissions"])
            self._record(request, form.instance, powers.joined(parts))

    def delete_model(self, request: Any, obj: Group) -> None:
        """Delete the group and record it."""
        self._record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        """Delete each of the groups."""
        for group in queryset:
            self.delete_model(request, group)

    def _record(self, request: Any, group: Group, note: str) -> None:
        AuditEntry.objects.record(AuditAction.ROLE_CHANGED, None, actor=request.user, subject=group.name, note=note)
