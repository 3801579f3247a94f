"""The audit trail in the admin: searchable and read-only."""

import ipaddress

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.audit.wording import note_in_words
from accounts.models import AuditEntry, User
from accounts.sessions.browsers import browser_name
from lib.large_table_admin import LargeTableAdmin, as_day
from lib.read_only_admin import ReadOnly
from lib.utc_days import within

_MAX_USERS = 100


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, LargeTableAdmin):
    list_display = ("created_at", "user", "action", "detail", "ip", "browser", "address", "actor")
    list_prefetch_related = ("user", "actor")
    list_filter = ("action", "created_at")
    search_fields = ("address",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter the start of an email address, an IP address or a date such as 2026-11-29.")

    @admin.display(description=_("note"), ordering="note")
    def detail(self, entry: AuditEntry) -> str:
        return note_in_words(entry)

    @admin.display(description=_("browser"), ordering="user_agent")
    def browser(self, entry: AuditEntry) -> str:
        return browser_name(entry.user_agent)

    def indexed(self, word: str) -> Q:
        if day := as_day(word):
            return within("created_at", day)
        if _is_ip(word):
            return Q(ip=word)
        address = word.lower()
        users = list(User.objects.filter(email__startswith=address).values_list("pk", flat=True)[:_MAX_USERS])
        return Q(user__in=users) | Q(actor__in=users) | Q(address=address)


def _is_ip(word: str) -> bool:
    try:
        return bool(ipaddress.ip_address(word))
    except ValueError:
        return False
