"""Groups in the admin. A user who can change a group can give its members any permission."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.forms import ModelForm, ModelMultipleChoiceField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditAction, AuditEntry, User
from operations.customers import roles

admin.site.unregister(Group)
_ACTIONS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}


class PermissionsField(ModelMultipleChoiceField):
    def label_from_instance(self, permission: Permission) -> str:
        """Return the kind of object and what may be done with it. Django's names of permissions are in English."""
        codename = permission.codename.removesuffix(f"_{permission.content_type.model}")
        action = _ACTIONS.get(codename) or gettext(permission.name)
        return f"{permission.content_type} | {action}"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Operators may look at groups; only owners may change them."""

    list_display = ("role",)

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return gettext(group.name)

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(*args, **kwargs, form_class=PermissionsField)

    def has_change_permission(self, request: Any, obj: Group | None = None) -> bool:
        return request.user.has_perm(User.APPOINT)

    has_add_permission = has_delete_permission = has_change_permission

    def save_related(self, request: Any, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "permissions" in form.changed_data:
            before, after = form.initial.get("permissions", []), form.cleaned_data["permissions"]
            parts = roles.list_changes("permissions", set(map(str, before)), set(map(str, after)))
            self._record(request, form.instance, "; ".join(parts))

    def delete_model(self, request: Any, obj: Group) -> None:
        self._record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        """Delete each group by itself, so that each is recorded."""
        for group in queryset:
            self.delete_model(request, group)

    def _record(self, request: Any, group: Group, note: str) -> None:
        AuditEntry.objects.record(AuditAction.ROLE_CHANGED, None, actor=request.user, subject=group.name, note=note)
