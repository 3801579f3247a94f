"""Who has which plan: paid through Stripe, or given by an operator."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing import plans
from billing.forms import GiftForm
from billing.models import Membership, MembershipEvent
from billing.payments import plan_changes
from lib.read_only_admin import ReadOnly


class EventInline(ReadOnly, admin.TabularInline):
    model = MembershipEvent
    fields = readonly_fields = (
        "created_at", "from_status", "to_status", "plan_key", "period_end", "actor", "reason",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[MembershipEvent]:
        return super().get_queryset(request).select_related("actor")


def _change_to(plan: plans.Plan) -> Callable[..., None]:
    def change(site: "MembershipAdmin", request: Any, memberships: QuerySet[Membership]) -> None:
        for membership in memberships.select_related("user"):
            site.change_paid_plan(request, membership, plan)

    change.__name__ = f"change_to_{plan.key}"
    description = format_lazy(_("Change the paid plan to {plan} in Stripe"), plan=plan.name)
    return admin.action(description=description, permissions=("end",))(change)


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin):
    """Adding a membership gives a plan for free. All other changes come from Stripe or from the end of a period."""

    form = GiftForm
    list_display = ("user", "plan_name", "source", "status", "period_end", "cancel_at", "grace_until")
    list_filter = ("plan_key", "source", "status", ("other_subscriptions", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "stripe_subscription")
    ordering = ("user__email",)
    autocomplete_fields = ("user",)
    actions = ("end_gifts", *(_change_to(plan) for plan in plans.PLANS))

    @admin.display(description=_("plan"), ordering="plan_key")
    def plan_name(self, membership: Membership) -> str:
        return str(membership.plan.name)

    # Permissions

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_membership")

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_membership")

    # Giving, and ending what was given

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        if obj is None:
            return ("user", "plan_key", "last_day", "reason")
        return ("user", "plan_name", "source", "status", "period_start", "period_end", "cancel_at", "next_plan_key",
                "grace_until", "stripe_subscription", "other_subscriptions")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Membership | None) -> Any:
        return (EventInline,) if obj else ()

    def save_model(self, request: Any, obj: Membership, form: GiftForm, change: bool) -> None:
        # The customer's row may exist already.
        obj.pk = form.give(request.user).pk

    @admin.action(description=_("End gifts now"), permissions=("end",))
    def end_gifts(self, request: Any, memberships: Any) -> None:
        gifts = memberships.live().filter(source=Membership.Source.OPERATOR)
        count = sum(gift.end(actor=request.user, reason="ended by an operator") for gift in gifts)
        self.message_user(
            request, ngettext("%(count)s gift ended.", "%(count)s gifts ended.", count) % {"count": count}
        )

    def change_paid_plan(self, request: Any, membership: Membership, plan: plans.Plan) -> None:
        try:
            is_new = plan_changes.change_paid_plan(membership, plan)
        except plan_changes.NotPaid:
            result, level = gettext("this plan is not paid for; give a plan instead"), messages.WARNING
        except plan_changes.StripeError as error:
            result, level = str(error), messages.ERROR
        else:
            result, level = gettext("done") if is_new else gettext("it is already on this plan"), messages.SUCCESS
            self.log_change(request, membership, f"change of the paid plan to {plan.key}: {result}")
        self.message_user(request, f"{membership.user}: {result}", level)

    # The catalogue

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.plans_view)
        return [path("plans/", page, name="billing_membership_plans"), *super().get_urls()]

    def plans_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        counts = dict(Membership.objects.live().values_list("plan_key").annotate(Count("pk")))
        rows = [(plan, counts.get(plan.key, 0)) for plan in (plans.FREE, *plans.GIFTS, plans.PAY_AS_YOU_GO)]
        context = {**self.admin_site.each_context(request), "title": _("Plans and packs"), "opts": self.opts}
        return TemplateResponse(
            request, "admin/billing/membership/plans.html", {**context, "rows": rows, "packs": plans.PACKS}
        )
