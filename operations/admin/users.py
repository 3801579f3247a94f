"""People in the admin: who they are, what they have left and what they have made."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.models import Batch
from lib.read_only_admin import ReadOnly
from operations.forms import CreditsForm, NewPersonForm, PersonForm

#: Credits are given to at most so many people at once: their ids travel in the address.
_MOST_AT_ONCE = 100
_ID = re.compile(r"\b[0-9]{1,18}\b")
_POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class EmailAddressInline(ReadOnly, admin.TabularInline):
    """The addresses that the user has added; only the user can prove one."""

    model = EmailAddress
    fields = ("email", "primary", "verified")


@admin.register(User)
class UserAdmin(auth_admin.UserAdmin):
    """Customers and operators."""

    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    add_fieldsets = ((None, {"fields": ("email", "name")}),)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "is_active")}),
        (_("Use"), {"fields": ("credits_left", "credits_held", "batches", "images")}),
        (_("Permissions"), {"fields": _POWERS}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    list_display = (
        "email",
        "name",
        "date_joined",
        "last_login",
        "is_staff",
        "is_superuser",
        "credits_left",
        "credits_held",
        "batches",
        "images",
    )
    list_filter = ("is_staff", "is_superuser", "is_active", "date_joined", "last_login")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    readonly_fields = ("credits_left", "credits_held", "batches", "images", "last_login", "date_joined")
    inlines = (EmailAddressInline,)
    actions = ("give_credits",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users with what they have left and have made, each counted by a subquery."""
        mine = Batch.objects.filter(user=OuterRef("pk"), deleted_at=None).order_by().values("user")
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(
            credits_balance=F("credit_account__balance"),
            credits_held=F("credit_account__held"),
            batch_count=Subquery(mine.annotate(count=Count("pk")).values("count")),
            image_count=Subquery(mine.annotate(count=Sum("ready_count")).values("count")),
        )

    # Columns

    @admin.display(description=_("credits left"), ordering=F("credits_balance") - F("credits_held"))
    def credits_left(self, user: Any) -> int | None:
        """Return what a new batch may use; None until the account is opened by the first visit."""
        if user.credits_balance is None:
            return None
        return int(user.credits_balance - user.credits_held)

    @admin.display(description=_("credits held"), ordering="credits_held")
    def credits_held(self, user: Any) -> int | None:
        """Return what is set aside for open prompts."""
        held: int | None = user.credits_held
        return held

    @admin.display(description=_("batches"), ordering="batch_count")
    def batches(self, user: Any) -> str:
        """Return how many batches there are, linked to them."""
        url = reverse("admin:batches_batch_changelist", query={"user__id__exact": user.pk})
        return format_html('<a href="{}">{}</a>', url, user.batch_count or 0)

    @admin.display(description=_("images"), ordering="image_count")
    def images(self, user: Any) -> int:
        """Return how many images were made."""
        return user.image_count or 0

    # Permissions

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: a user with a ledger is deactivated, not deleted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep operators with few powers from changing those with all, their password included."""
        return super().has_change_permission(request, obj) and (
            request.user.is_superuser or obj is None or not obj.is_superuser
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Return what cannot be changed: a known address by anyone, powers by those without all of them."""
        fixed = (*self.readonly_fields, *(("email",) if obj else ()))
        return fixed if request.user.is_superuser else (*fixed, *_POWERS)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Return the addresses of a user who exists."""
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Save; a new user also gets the address that sign-in by code will prove."""
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)

    # Credits

    def has_credits_permission(self, request: HttpRequest) -> bool:
        """Return whether the operator may give and take credits."""
        return request.user.has_perm("billing.add_ledgerentry")

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses with the page that gives credits."""
        page = self.admin_site.admin_view(self.credits_view)
        return [path("credits/", page, name="accounts_user_credits"), *super().get_urls()]

    @admin.action(description=_("Give or take credits…"), permissions=("credits",))
    def give_credits(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        """Go to the page that asks how many credits, and why."""
        ids = list(users.values_list("pk", flat=True)[: _MOST_AT_ONCE + 1])
        if len(ids) > _MOST_AT_ONCE:
            text = gettext("Credits can be given to up to %(limit)s users at once.") % {"limit": _MOST_AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        return redirect(reverse("admin:accounts_user_credits", query={"ids": ",".join(map(str, ids))}))

    def credits_view(self, request: HttpRequest) -> HttpResponse:
        """Ask how many credits to give to the chosen users, and why; a valid POST books them."""
        if not self.has_credits_permission(request):
            raise PermissionDenied
        users = list(User.objects.filter(pk__in=_ID.findall(request.GET.get("ids", ""))[:_MOST_AT_ONCE]))
        form = CreditsForm(users, request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._report(request, form, form.save())
            return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Give or take credits"), "opts": self.opts}
        return TemplateResponse(request, "admin/accounts/user/credits.html", {**context, "form": form, "users": users})

    def _report(self, request: HttpRequest, form: CreditsForm, count: int) -> None:
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        for user in form.users if count else ():
            self.log_change(request, user, f"{amount:+d} credits: {reason}")
        text = ngettext("%(amount)s credits for %(count)s user.", "%(amount)s credits for %(count)s users.", count)
        self.message_user(request, text % {"amount": f"{amount:+d}", "count": count}, messages.SUCCESS)
