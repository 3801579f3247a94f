"""The review queue: prompts that were refused for safety reasons, and what operators decide about them."""

from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import emails
from accounts.models import AuditAction, AuditEntry, User
from batches.models import ModerationCase
from billing.payments.refunding import StripeError
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import ReadOnly
from operations.customers import suspension

Decision = ModerationCase.Decision
_SHORT = 120
#: In one email.
_MOST_QUOTES = 5


class DecisionFilter(admin.SimpleListFilter):
    """Shows the cases to review, unless another filter is chosen."""

    title = _("decision")
    parameter_name = "decision"
    _EVERY = "every"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((choice, choice.label) for choice in Decision if choice), (self._EVERY, _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": Decision.OPEN.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ModerationCase]) -> QuerySet[ModerationCase]:
        return queryset if self.value() == self._EVERY else queryset.filter(decision=self.value() or Decision.OPEN)


@admin.register(ModerationCase)
class ModerationCaseAdmin(ReadOnly, LargeTableAdmin):
    list_display = ("short_text", "customer", "case_count", "source", "detail", "created_at", "decision", "decided_by")
    list_display_links = ("short_text",)
    list_filter = (DecisionFilter, "source", "created_at")
    list_prefetch_related = ("user", "decided_by")
    search_fields = ("user",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter the start of an email address, a day such as 2026-11-29 or a batch id, then words.")
    uuid_lookup = "prompt__batch"
    text_lookups = ("text__icontains", "detail__icontains")
    searches_all_texts = True
    fields = (
        "text", "customer", "case_count", "batch", "source", "detail", "created_at", "decision", "decided_by",
        "decided_at",
    )  # fmt: skip
    readonly_fields = ("customer", "case_count", "batch")
    actions = ("fine", "warn", "suspend")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationCase]:
        theirs = ModerationCase.objects.filter(user=OuterRef("user")).order_by().values("user")
        cases = super().get_queryset(request)
        return cases.annotate(count_of_user=Subquery(theirs.annotate(count=Count("pk")).values("count")))

    # Columns

    @admin.display(description=_("prompt"))
    def short_text(self, case: ModerationCase) -> str:
        return Truncator(case.text).chars(_SHORT)

    @admin.display(description=_("user"))
    def customer(self, case: ModerationCase) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[case.user_id]), case.user)

    @admin.display(description=_("the user’s cases"))
    def case_count(self, case: Any) -> int:
        count: int = case.count_of_user
        return count

    @admin.display(description=_("batch"))
    def batch(self, case: ModerationCase) -> str:
        batch = case.prompt.batch
        return format_html('<a href="{}">{}</a>', reverse("admin:batches_batch_change", args=[batch.pk]), batch)

    # Decisions

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("batches.change_moderationcase")

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return self.has_decide_permission(request) and request.user.has_perm("accounts.suspend_user")

    @admin.action(description=_("Fine"), permissions=("decide",))
    def fine(self, request: Any, cases: QuerySet[ModerationCase]) -> None:
        self._decide(request, cases, Decision.FINE)

    @admin.action(description=_("Warn the customer"), permissions=("decide",))
    def warn(self, request: Any, cases: QuerySet[ModerationCase]) -> None:
        for user, decided in self._decide(request, cases, Decision.WARNED):
            quotes = [Truncator(case.text).chars(_SHORT) for case in decided[:_MOST_QUOTES]]
            emails.send(user, "operations/email/warning", quotes=quotes)

    @admin.action(description=_("Suspend the customer"), permissions=("suspend",))
    def suspend(self, request: Any, cases: QuerySet[ModerationCase]) -> None:
        owners = User.objects.filter(pk__in=cases.order_by().values("user")).exclude(pk=request.user.pk)
        cases = cases.filter(user__in=[user for user in owners if user.may_be_changed_by(request.user)])
        for user, decided in self._decide(request, cases, Decision.SUSPENDED):
            quote = Truncator(decided[0].text).chars(_SHORT)
            with translation.override(user.language):
                reason = gettext("This prompt breaks our rules: %(quote)s") % {"quote": quote}
            try:
                suspension.suspend(user, actor=request.user, reason=reason)
            except StripeError as error:
                self.message_user(request, f"{user}: {error.sentence}", messages.ERROR)

    def _decide(
        self, request: Any, cases: QuerySet[ModerationCase], decision: ModerationCase.Decision
    ) -> list[tuple[User, list[ModerationCase]]]:
        """Record the decision on each case that has none, and return those cases by user."""
        with transaction.atomic():
            decided = [case for case in cases.order_by("user", "pk") if case.decide(decision, request.user)]
            for case in decided:
                self._record(request, case, decision)
        text = ngettext("%(count)s case: %(decision)s", "%(count)s cases: %(decision)s", len(decided))
        level = messages.SUCCESS if decided else messages.WARNING
        self.message_user(request, text % {"count": len(decided), "decision": decision.label}, level)
        return [(user, list(theirs)) for user, theirs in groupby(decided, key=lambda case: case.user)]

    def _record(self, request: Any, case: ModerationCase, decision: ModerationCase.Decision) -> None:
        self.log_change(request, case, str(decision.value))
        facts = {"actor": request.user, "subject": str(case.prompt.batch_id), "note": decision.value}
        AuditEntry.objects.record(AuditAction.PROMPT_REVIEWED, case.user, **facts)
