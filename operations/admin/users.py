"""Customers in the admin: the list, and the page of each with what they have and did."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from djstripe.models import Customer

from accounts.audit.wording import note_in_words
from accounts.models import ApiKey, AuditEntry, User
from accounts.reauthentication import SECOND_FACTORS
from batches.models import Batch, WebhookEndpoint
from billing.models import CreditGrant, DelayedPayment
from billing.payments.customers import page_at_stripe
from billing.plan_filter import PlanFilter
from lib.large_table_admin import LimitedPaginator, as_uuid
from lib.read_only_admin import FirstRows, ReadOnly
from operations.admin.account_actions import AccountActionsAdmin
from operations.customers import roles, suspension
from operations.customers.forms import CreditsForm, NewPersonForm, PersonForm
from operations.notices import open_disputes

#: Credits can be given to this many users at once, because their ids are in the URL.
_MAX_USERS = 100
_ID = re.compile(r"\b[0-9]{1,18}\b")


class EmailAddressInline(ReadOnly, admin.TabularInline):
    """Read-only: only the user can prove that an address is theirs."""

    model = EmailAddress
    fields = ("email", "primary", "verified")


class RoleFilter(admin.RelatedFieldListFilter):
    title = _("roles")

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return [(pk, gettext(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


class LatestRows(FirstRows):
    limit = 10


class LatestInline(ReadOnly, admin.TabularInline):
    formset = LatestRows
    show_change_link = True


class BatchInline(LatestInline):
    model = Batch
    view_on_site = False
    fields = readonly_fields = (
        "title",
        "status",
        "waiting_reason",
        "total",
        "ready_count",
        "failed_count",
        "created_at",
    )
    ordering = ("-created_at",)
    verbose_name_plural = _("latest 10 batches")


class KeyInline(LatestInline):
    model = ApiKey
    fields = readonly_fields = ("name", "created_at", "last_used_at", "expires_at", "revoked_at")
    ordering = ("-created_at",)
    verbose_name_plural = _("latest 10 API keys")


class EndpointInline(LatestInline):
    model = WebhookEndpoint
    fields = readonly_fields = ("url", "failing_since", "disabled_at", "disabled_reason")
    verbose_name_plural = _("first 10 webhook endpoints")


class AuditInline(LatestInline):
    model = AuditEntry
    fk_name = "user"
    fields = readonly_fields = ("created_at", "action", "detail", "ip", "actor")
    verbose_name_plural = _("latest 10 entries of the security trail")

    @admin.display(description=_("note"))
    def detail(self, entry: AuditEntry) -> str:
        return note_in_words(entry)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).select_related("actor")


@admin.register(User)
class UserAdmin(AccountActionsAdmin):
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    change_form_template = "admin/accounts/user/change_form.html"
    add_fieldsets = ((None, {"fields": ("email", "name")}),)
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "state", "role_names")}),
        (_("Plan and credits"), {"fields": ("plan", "credits_left", "credits_held", "at_stripe")}),
        (_("Use"), {"fields": ("batches", "images")}),
        (
            _("Signing in"),
            {"fields": ("has_factor", "password", "has_password", "last_seen", "last_login", "date_joined")},
        ),
    )
    list_display = (
        "email", "plan", "credits_left", "batches", "images", "has_factor", "last_seen", "date_joined", "state",
    )  # fmt: skip
    list_filter = (
        "is_active", "is_staff", ("groups", RoleFilter), ("membership__plan_key", PlanFilter), "membership__status",
        "date_joined",
    )  # fmt: skip
    list_select_related = ("membership",)
    paginator = LimitedPaginator
    search_fields = ("email",)
    search_help_text = _(
        "Enter part of an email address or name, a batch id, or one of Stripe’s ids (cus_, sub_, pi_, in_)."
    )
    ordering = ("-date_joined",)
    readonly_fields = (
        "language", "state", "role_names", "plan", "credits_left", "credits_held", "at_stripe", "batches", "images",
        "has_factor", "has_password", "last_seen", "last_login", "date_joined",
    )  # fmt: skip
    inlines = (BatchInline, KeyInline, EndpointInline, AuditInline, EmailAddressInline)
    actions = ("give_credits",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        mine = Batch.objects.filter(user=OuterRef("pk"), deleted_at=None).order_by().values("user")
        sessions = UserSession.objects.filter(user=OuterRef("pk")).order_by().values("user")
        users: QuerySet[User] = super().get_queryset(request).select_related("membership").prefetch_related("groups")
        return users.annotate(
            credits_balance=F("credit_account__balance"),
            credits_held=F("credit_account__held"),
            batch_count=Subquery(mine.annotate(count=Count("pk")).values("count")),
            image_count=Subquery(mine.annotate(count=Sum("ready_count")).values("count")),
            # The method of a column does not get the request.
            links_batches=Value(request.user.has_perm("batches.view_batch")),
            seen_at=Subquery(sessions.annotate(at=Max("last_seen_at")).values("at")),
            is_protected=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        for word in search_term.split():
            queryset = queryset.filter(_found_by(word))
        return queryset, False

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
        if not user.links_batches:
            return str(user.batch_count or 0)
        url = reverse("admin:batches_batch_changelist", query={"user__id__exact": user.pk})
        return format_html('<a href="{}">{}</a>', url, user.batch_count or 0)

    @admin.display(description=_("images"), ordering="image_count")
    def images(self, user: Any) -> int:
        return user.image_count or 0

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, user: User) -> bool:
        return user.has_usable_password()

    @admin.display(description=_("plan"), ordering="membership__plan_key")
    def plan(self, user: User) -> str:
        membership = getattr(user, "membership", None)
        if membership is None or not membership.is_current(timezone.now()):
            return gettext("Free")
        return f"{membership.plan.name} · {membership.get_status_display()}"

    @admin.display(description=_("two-factor"), boolean=True, ordering="is_protected")
    def has_factor(self, user: Any) -> bool:
        return bool(user.is_protected)

    @admin.display(description=_("last seen"), ordering="seen_at")
    def last_seen(self, user: Any) -> str | None:
        at = user.seen_at or user.last_login
        return formats.date_format(at, "SHORT_DATETIME_FORMAT") if at else None

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, user: User) -> str:
        """Return whether the account is closed or suspended, or else its roles."""
        if user.erased_at:
            return gettext("deleted")
        if user.delete_at:
            return gettext("⚠ closed")
        if not user.is_active:
            return gettext("⚠ suspended")
        return ", ".join(roles.names_of(user)) or gettext("active")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(roles.names_of(user)) or gettext("customer")

    @admin.display(description="Stripe")
    def at_stripe(self, user: User) -> str:
        url = page_at_stripe(user)
        return format_html('<a href="{}">{}</a>', url, gettext("See in Stripe")) if url else gettext("no customer yet")

    # Permissions

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: an account is closed, which leaves a row without a name for the ledger."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.may_be_changed_by(request.user))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "email") if obj else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show either the link to set a password, to owners for operators, or whether there is a password."""
        hidden = "has_password" if obj and self._may_set_password(request, obj) else "password"
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name != hidden)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Save what was changed; a new user also gets an address, which the first sign-in by code verifies."""
        if change:
            # The user may change their password or language at the same time.
            obj.save(update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if user := context["original"]:
            context["suspension"] = suspension.last_suspension(user)
            context["may_change"] = user.may_be_changed_by(request.user)
            context["is_disputed"] = open_disputes().filter(charge__customer__subscriber=user).exists()
        return super().render_change_form(request, context, *args, **kwargs)

    # Credits

    def has_credits_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_ledgerentry")

    def get_urls(self) -> list[URLPattern]:
        credits_page = self.admin_site.admin_view(self.credits_view)
        return [path("credits/", credits_page, name="accounts_user_credits"), *super().get_urls()]

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
        chosen = User.objects.filter(pk__in=_ID.findall(request.GET.get("ids", ""))[:_MAX_USERS], erased_at=None)
        users = [user for user in chosen if user.may_be_changed_by(request.user)]
        form = CreditsForm(users, request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._report(request, form, form.save())
            return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Add or remove credits"), "opts": self.opts}
        context |= {"form": form, "users": users, "button": _("Save")}
        return TemplateResponse(request, "admin/accounts/user/action.html", context)

    def _report(self, request: HttpRequest, form: CreditsForm, users: list[User]) -> None:
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        for user in users:
            self.log_change(request, user, f"{amount:+d} credits: {reason}")
        text = ngettext(
            "%(count)s user changed: credits %(amount)s.", "%(count)s users changed: credits %(amount)s.", len(users)
        )
        self.message_user(request, text % {"amount": f"{amount:+d}", "count": len(users)}, messages.SUCCESS)


def _found_by(word: str) -> Q:
    if batch_id := as_uuid(word):
        return Q(pk__in=Batch.objects.filter(pk=batch_id).values("user"))
    if word.startswith("cus_"):
        return Q(pk__in=Customer.objects.filter(id=word).values("subscriber"))
    if word.startswith("sub_"):
        return Q(membership__stripe_subscription=word)
    if word.startswith(("pi_", "in_")):
        payment = {"payment_intent" if word.startswith("pi_") else "invoice": word}
        delayed = DelayedPayment.objects.filter(**payment).values("user")
        return Q(pk__in=delayed) | Q(pk__in=CreditGrant.objects.filter(**payment).values("account__user"))
    return Q(email__icontains=word) | Q(name__icontains=word)
