"""Who has which plan: paid through Stripe, or given by an operator. A plan is changed on the customer's page."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from billing import plans
from billing.models import Membership, MembershipEvent
from billing.plan_filter import PlanFilter
from lib.read_only_admin import NamedStates, ReadOnly


class EventInline(NamedStates, ReadOnly, admin.TabularInline):
    model = MembershipEvent
    fields = readonly_fields = (
        "created_at", "from_label", "to_label", "plan_name", "period_end", "actor", "reason",
    )  # fmt: skip

    @admin.display(description=_("plan"))
    def plan_name(self, event: MembershipEvent) -> str:
        return str(plans.by_key(event.plan_key).name)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MembershipEvent]:
        return super().get_queryset(request).select_related("actor")


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("user", "plan_name", "source", "status", "period_end", "cancel_at", "grace_until")
    list_filter = (("plan_key", PlanFilter), "source", "status", ("other_subscriptions", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "stripe_subscription")
    ordering = ("user__email",)
    fields = (
        "user", "plan_name", "source", "status", "period_start", "period_end", "cancel_at", "next_plan_key",
        "grace_until", "stripe_subscription", "other_subscriptions",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (EventInline,)

    @admin.display(description=_("plan"), ordering="plan_key")
    def plan_name(self, membership: Membership) -> str:
        return str(membership.plan.name)

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
