"""Credits in the admin: accounts, grants, the ledger and the holds, all read-only.

Operators give and take credits on the page of a user, which books a ledger entry.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import plans
from billing.credits.statement import statement
from billing.models import CreditAccount, CreditGrant, DelayedPayment, Hold, LedgerEntry
from billing.payments.amounts import written
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import FirstRows, ReadOnly


class GrantInline(ReadOnly, admin.TabularInline):
    model = CreditGrant
    formset = FirstRows
    fields = readonly_fields = ("created_at", "origin", "amount", "remaining", "expires_at", "note", "key")
    verbose_name_plural = _("latest 100 grants")


class StatementInline(ReadOnly, admin.TabularInline):
    model = LedgerEntry
    formset = FirstRows
    fields = readonly_fields = ("created_at", "kind", "amount", "note", "key")
    verbose_name_plural = _("latest 100 ledger entries")


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("user", "balance", "held", "left")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("user__email",)
    fields = ("user", "balance", "held", "left", "statement")
    inlines = (GrantInline, StatementInline)

    @admin.display(description=_("left"))
    def left(self, account: CreditAccount) -> int:
        return account.left

    @admin.display(description=_("statement"))
    def statement(self, account: CreditAccount) -> str:
        page = reverse("admin:billing_creditaccount_statement", args=[account.pk])
        entries = reverse("admin:billing_ledgerentry_changelist", query={"account__id__exact": account.pk})
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            *(page, gettext("Customer’s view"), entries, gettext("All ledger entries")),
        )

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.statement_view)
        return [path("<int:pk>/statement/", page, name="billing_creditaccount_statement"), *super().get_urls()]

    def statement_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        account = get_object_or_404(CreditAccount.objects.select_related("user"), pk=pk)
        page = statement(account.user, request.GET.get("page"))
        return render(request, "admin/billing/creditaccount/statement.html", {"account": account, "statement": page})


class OfAccountAdmin(ReadOnly, LargeTableAdmin):
    search_fields = ("key",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter the start of an email address, a day such as 2026-11-29 or a whole business key.")
    owner = "account__user"
    list_prefetch_related = ("account__user",)
    id_lookups: ClassVar[dict[str, str]] = {"": "key"}

    @admin.display(description=_("user"))
    def customer(self, row: Any) -> str:
        user = row.account.user
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[user.pk]), user)


@admin.register(CreditGrant)
class CreditGrantAdmin(OfAccountAdmin):
    list_display = ("created_at", "customer", "origin", "amount", "remaining", "expires_at", "note", "key")
    list_filter = ("origin", "created_at", "expires_at")
    search_help_text = _(
        "Enter the start of an email address, a day, a business key, or the id of a payment or invoice."
    )
    id_lookups: ClassVar[dict[str, str]] = {"pi_": "payment_intent", "in_": "invoice", "": "key"}


@admin.register(LedgerEntry)
class LedgerEntryAdmin(OfAccountAdmin):
    list_display = ("created_at", "customer", "kind", "amount", "note", "key")
    list_filter = ("kind", "created_at")


@admin.register(Hold)
class HoldAdmin(OfAccountAdmin):
    list_display = ("key", "customer", "credits")
    ordering = ("-credits", "-pk")


@admin.register(DelayedPayment)
class DelayedPaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("changed_at", "user", "product", "price", "status", "payment_intent", "invoice")
    list_select_related = ("user",)
    list_filter = ("status", "changed_at")
    search_fields = ("user__email", "payment_intent", "invoice")

    @admin.display(description=_("plan or pack"))
    def product(self, payment: DelayedPayment) -> str:
        return plans.in_words(payment.product_key)

    @admin.display(description=_("amount"))
    def price(self, payment: DelayedPayment) -> str:
        return written(payment.amount, payment.currency)
