"""Credits in the admin: accounts, the ledger and the holds, all read-only.

Operators give and take credits on the page of a user, which books a ledger entry.
"""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.read_only import FirstRows, ReadOnly
from billing.models import CreditAccount, Hold, LedgerEntry


class StatementInline(ReadOnly, admin.TabularInline):
    """The newest movements of an account."""

    model = LedgerEntry
    formset = FirstRows
    fields = readonly_fields = ("created_at", "kind", "amount", "note", "key")
    verbose_name_plural = _("newest 100 ledger entries")


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnly, admin.ModelAdmin):
    """What each customer has."""

    list_display = ("user", "balance", "held", "left")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("user__email",)
    fields = ("user", "balance", "held", "left", "statement")
    inlines = (StatementInline,)

    @admin.display(description=_("left"))
    def left(self, account: CreditAccount) -> int:
        """Return what a new batch may use."""
        return account.left

    @admin.display(description=_("statement"))
    def statement(self, account: CreditAccount) -> str:
        """Return a link to all ledger entries of the account."""
        url = reverse("admin:billing_ledgerentry_changelist", query={"account__id__exact": account.pk})
        return format_html('<a href="{}">{}</a>', url, gettext("All ledger entries"))


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin):
    """Every movement of credits, newest first."""

    list_display = ("created_at", "customer", "kind", "amount", "note", "key")
    list_select_related = ("account__user",)
    list_filter = ("kind", "created_at")
    search_fields = ("account__user__email", "key", "note")
    show_full_result_count = False

    @admin.display(description=_("user"))
    def customer(self, entry: LedgerEntry) -> str:
        """Return whose credits moved."""
        return str(entry.account.user)


@admin.register(Hold)
class HoldAdmin(ReadOnly, admin.ModelAdmin):
    """Credits set aside for open prompts, the largest holds first."""

    list_display = ("key", "customer", "credits")
    list_select_related = ("account__user",)
    search_fields = ("account__user__email", "key")
    ordering = ("-credits", "-pk")
    show_full_result_count = False

    @admin.display(description=_("user"))
    def customer(self, hold: Hold) -> str:
        """Return whose credits are held."""
        return str(hold.account.user)

    def get_queryset(self, request: Any) -> Any:
        """Return the holds with what their page shows."""
        return super().get_queryset(request).select_related("account__user")
