from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.audit.admin import AuditEntryAdmin
from accounts.models import ApiKey, KeyUsageDay
from lib.read_only_admin import ReadOnly

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "KeyUsageDayAdmin"]


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("usable", _("Active")),
            ("expired", pgettext_lazy("API key", "Expired")),
            ("revoked", pgettext_lazy("API key", "Revoked")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ApiKey]:
        match self.value():
            case "usable":
                return queryset.usable(timezone.now())
            case "expired":
                return queryset.expired(timezone.now())
            case "revoked":
                return queryset.revoked()
            case _:
                return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin):
    """Operators may look at keys, never at their hashes, and revoke them."""

    list_display = (
        "prefix",
        "name",
        "user",
        "scope_names",
        "monthly_credit_limit",
        "created_at",
        "last_used_at",
        "expires_at",
        "works",
    )
    list_select_related = ("user",)
    list_filter = (StateFilter, "created_at", "last_used_at")
    search_fields = ("name", "public_id", "user__email", "user__name")
    # Never the hash.
    fields = (*list_display, "revoked_at")
    readonly_fields = ("prefix", "scope_names", "works")
    actions = ("revoke",)
    show_full_result_count = False

    # Columns

    @admin.display(description=_("key"), ordering="public_id")
    def prefix(self, key: ApiKey) -> str:
        return key.prefix

    @admin.display(description=_("scopes"))
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description=_("active"), boolean=True)
    def works(self, key: ApiKey) -> bool:
        return key.is_usable

    # Verbs

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    @admin.action(description=_("Revoke"), permissions=("revoke",))
    def revoke(self, request: Any, keys: QuerySet[ApiKey]) -> None:
        changeable = [key for key in keys.select_related("user") if key.user.may_be_changed_by(request.user)]
        count = sum(key.revoke(request.user) for key in changeable)
        text = ngettext("%(count)s key revoked.", "%(count)s keys revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(KeyUsageDay)
class KeyUsageDayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("on", "key", "owner", "requests")
    list_select_related = ("key__user",)
    list_filter = ("on",)
    date_hierarchy = "on"
    search_fields = ("key__name", "key__public_id", "key__user__email")
    fields = list_display
    readonly_fields = ("owner",)
    ordering = ("-on", "-requests")
    show_full_result_count = False

    @admin.display(description=_("user"), ordering="key__user__email")
    def owner(self, day: KeyUsageDay) -> str:
        return day.key.user.email
