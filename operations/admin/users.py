"""Users in the admin, with their credits and batches."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
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

from accounts import emails
from accounts.mfa import enrolment
from accounts.models import AuditAction, AuditEntry, User
from batches.models import Batch
from billing.payments.customers import language_of
from lib.read_only_admin import ReadOnly
from operations import powers
from operations.forms import CreditsForm, NewPersonForm, PersonForm

#: Credits can be given to this many users at once, because their ids are in the URL.
_MAX_USERS = 100
_ID = re.compile(r"\b[0-9]{1,18}\b")
_POWERS = (*powers.FLAGS, *powers.LISTS)


class EmailAddressInline(ReadOnly, admin.TabularInline):
    """Read-only: only the user can prove that an address is theirs."""

    model = EmailAddress
    fields = ("email", "primary", "verified")


@admin.register(User)
class UserAdmin(auth_admin.UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    add_fieldsets = ((None, {"fields": ("email", "name")}),)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "has_password", "is_active")}),
        (_("Use"), {"fields": ("credits_left", "credits_held", "batches", "images")}),
        (_("Permissions"), {"fields": ("is_staff", "is_superuser", *powers.LISTS)}),
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
    readonly_fields = ("has_password", "credits_left", "credits_held", "batches", "images", "last_login", "date_joined")
    inlines = (EmailAddressInline,)
    actions = ("give_credits",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
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
        """Return None until the user's first visit opens the credit account."""
        if user.credits_balance is None:
            return None
        return int(user.credits_balance - user.credits_held)

    @admin.display(description=_("credits held"), ordering="credits_held")
    def credits_held(self, user: Any) -> int | None:
        held: int | None = user.credits_held
        return held

    @admin.display(description=_("batches"), ordering="batch_count")
    def batches(self, user: Any) -> str:
        url = reverse("admin:batches_batch_changelist", query={"user__id__exact": user.pk})
        return format_html('<a href="{}">{}</a>', url, user.batch_count or 0)

    @admin.display(description=_("images"), ordering="image_count")
    def images(self, user: Any) -> int:
        return user.image_count or 0

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, user: User) -> bool:
        return user.has_usable_password()

    # Permissions

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: a user with a ledger is deactivated, not deleted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or powers.may_change(request.user, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Return also the address of an existing user, and the permissions unless a superuser edits them."""
        fixed = (*self.readonly_fields, *(("email",) if obj else ()))
        return fixed if request.user.is_superuser else (*fixed, *(name for name in _POWERS if name != "is_active"))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show either the link to set a password, to superusers for operators, or whether there is a password."""
        hidden = "has_password" if obj and self._may_set_password(request, obj) else "password"
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name != hidden)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _may_set_password(self, request: HttpRequest, user: User) -> bool:
        return bool(request.user.is_superuser) and powers.is_operator(user)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Save; a new user also gets an address, which the first sign-in by code verifies."""
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)

    def save_related(self, request: Any, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and (note := powers.changes(form)):
            AuditEntry.objects.record(AuditAction.ROLE_CHANGED, form.instance, actor=request.user, note=note)
            self._mail(form.instance, "powers_changed", sentences=powers.in_words(note))

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> HttpResponse:
        """Let a superuser set another operator's password; customers get a reset mail and choose their own."""
        user = self.get_object(request, unquote(id))
        if user and not self._may_set_password(request, user):
            raise PermissionDenied
        if user == request.user:
            return redirect("account_change_password")
        response = super().user_change_password(request, id, form_url)
        if user and not User.objects.filter(pk=user.pk, password=user.password).exists():
            AuditEntry.objects.record(AuditAction.PASSWORD_CHANGED, user, actor=request.user)
            self._mail(user, "password_changed")
        return response

    def password_reset_view(self, request: Any, id: str) -> HttpResponse:
        user = self.get_object(request, id)
        if request.method != "POST" or user is None or not self.has_change_permission(request, user):
            raise PermissionDenied
        AuditEntry.objects.record(AuditAction.PASSWORD_RESET_MAILED, user, actor=request.user)
        self._mail(user, "password_reset", url=settings.SITE_URL + reverse("account_reset_password"))
        self.message_user(request, gettext("We’ve emailed a link to %(user)s.") % {"user": user}, messages.SUCCESS)
        return redirect("admin:accounts_user_change", user.pk)

    def invitation_view(self, request: Any, id: str) -> HttpResponse:
        user = self.get_object(request, id)
        if request.method != "POST" or user is None or not request.user.is_superuser:
            raise PermissionDenied
        try:
            self._mail(user, "invitation", url=enrolment.invite(user, actor=request.user))
        except enrolment.NotInvitable:
            text = gettext("%(user)s already uses two-factor authentication or isn’t an operator.") % {"user": user}
            self.message_user(request, text, messages.ERROR)
        else:
            self.message_user(request, gettext("We’ve emailed a link to %(user)s.") % {"user": user}, messages.SUCCESS)
        return redirect("admin:accounts_user_change", user.pk)

    def _mail(self, user: User, template: str, **context: Any) -> None:
        emails.send(user, f"operations/email/{template}", language=language_of(user), **context)

    # Credits

    def has_credits_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_ledgerentry")

    def get_urls(self) -> list[URLPattern]:
        credits_page = self.admin_site.admin_view(self.credits_view)
        reset = self.admin_site.admin_view(self.password_reset_view)
        invitation = self.admin_site.admin_view(self.invitation_view)
        return [
            path("credits/", credits_page, name="accounts_user_credits"),
            path("<int:id>/password-reset/", reset, name="accounts_user_password_reset"),
            path("<int:id>/invitation/", invitation, name="accounts_user_invitation"),
            *super().get_urls(),
        ]

    @admin.action(description=_("Add or remove credits…"), permissions=("credits",))
    def give_credits(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        ids = list(users.values_list("pk", flat=True)[: _MAX_USERS + 1])
        if len(ids) > _MAX_USERS:
            text = gettext("You can add credits to up to %(limit)s users at once.") % {"limit": _MAX_USERS}
            self.message_user(request, text, messages.ERROR)
            return None
        return redirect(reverse("admin:accounts_user_credits", query={"ids": ",".join(map(str, ids))}))

    def credits_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_credits_permission(request):
            raise PermissionDenied
        users = list(User.objects.filter(pk__in=_ID.findall(request.GET.get("ids", ""))[:_MAX_USERS]))
        form = CreditsForm(users, request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._report(request, form, form.save())
            return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Add or remove credits"), "opts": self.opts}
        return TemplateResponse(request, "admin/accounts/user/credits.html", {**context, "form": form, "users": users})

    def _report(self, request: HttpRequest, form: CreditsForm, count: int) -> None:
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        for user in form.users if count else ():
            self.log_change(request, user, f"{amount:+d} credits: {reason}")
        text = ngettext("%(amount)s credits for %(count)s user.", "%(amount)s credits for %(count)s users.", count)
        self.message_user(request, text % {"amount": f"{amount:+d}", "count": count}, messages.SUCCESS)
