from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.choices import ERROR_SENTENCES, NEEDS_NEW_WORDING, PromptStatus
from batches.models import Prompt
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import FirstRows, ReadOnly

_SHORT = 80
#: What operators review: the filter's value for every prompt that moderation has stopped.
_REFUSED = "needs_new_wording"


class ErrorFilter(admin.SimpleListFilter):
    """Filter by the known error codes: reading those in use would scan the whole table."""

    title = _("error")
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(_REFUSED, gettext("flagged or refused")), *((code, code) for code in ERROR_SENTENCES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> QuerySet[Prompt]:
        if self.value() == _REFUSED:
            return queryset.filter(status=PromptStatus.FAILED, error_code__in=NEEDS_NEW_WORDING)
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class ShortText:
    @admin.display(description=_("prompt"), ordering="text")
    def short_text(self, prompt: Prompt) -> str:
        return Truncator(prompt.text).chars(_SHORT)


class PromptInline(ShortText, ReadOnly, admin.TabularInline):
    model = Prompt
    formset = FirstRows
    ordering = ("position",)
    fields = ("position", "short_text", "file_name", "status", "error_code", "attempt_count", "ready_at")
    readonly_fields = ("short_text",)
    verbose_name_plural = _("first 100 prompts")
    show_change_link = True


@admin.register(Prompt)
class PromptAdmin(ShortText, ReadOnly, LargeTableAdmin):
    list_display = (
        "position",
        "short_text",
        "batch_link",
        "status",
        "error",
        "image_model",
        "attempt_count",
        "upstream_cost_cents",
        "ready_at",
    )
    list_prefetch_related = ("batch__user", "image_model")
    list_filter = ("status", ErrorFilter, "moderation", "image_model", "ready_at")
    search_fields = ("request_id",)  # only shows the search box; see `get_search_results`
    search_help_text = _(
        "Enter a batch id, an email address, a request id (req_…) or the day of the batch, then words of the prompt."
    )
    uuid_lookup = "batch"
    owner = "batch__user"
    id_lookups: ClassVar[dict[str, str]] = {"req_": "request_id"}
    day_lookup = "batch__created_at"
    text_lookups = ("text__icontains", "file_name__icontains")
    exclude = ("batch",)
    readonly_fields = ("batch_link",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("position",) if "batch__id__exact" in request.GET else ("-pk",)

    @admin.display(description=_("error"))
    def error(self, prompt: Prompt) -> str:
        """Return the code, and the start of what the upstream said."""
        return Truncator(": ".join(filter(None, (prompt.error_code, prompt.error_detail)))).chars(_SHORT)

    @admin.display(description=_("batch"))
    def batch_link(self, prompt: Prompt) -> str:
        url = reverse("admin:batches_batch_change", args=[prompt.batch_id])
        return format_html('<a href="{}">{}</a> · {}', url, prompt.batch, prompt.batch.user)
