from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from batches.choices import BatchStatus, PromptStatus
from batches.models import BatchEvent
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import FirstRows, NamedStates, ReadOnly


class NewestEvents(FirstRows):
    limit = 50


class StateFilter(admin.SimpleListFilter):
    title = _("to")
    parameter_name = "to_status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return the statuses of batches and prompts; one code can have two labels."""
        labels: dict[str, list[str]] = {}
        for code, label in (*BatchStatus.choices, *PromptStatus.choices):
            labels.setdefault(str(code), []).append(str(label))
        return [(code, " / ".join(dict.fromkeys(names))) for code, names in labels.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BatchEvent]) -> QuerySet[BatchEvent]:
        return queryset.filter(to_status=self.value()) if self.value() else queryset


class EventInline(NamedStates, ReadOnly, admin.TabularInline):
    model = BatchEvent
    formset = NewestEvents
    fields = readonly_fields = ("created_at", "position", "from_label", "to_label", "reason", "actor")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BatchEvent]:
        return super().get_queryset(request).select_related("actor")


@admin.register(BatchEvent)
class BatchEventAdmin(NamedStates, ReadOnly, LargeTableAdmin):
    list_display = ("created_at", "batch", "position", "from_label", "to_label", "reason", "actor")
    list_prefetch_related = ("batch", "actor")
    list_filter = (StateFilter, "created_at")
    search_fields = ("batch",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter a batch id, an email address or the day of the batch, and a reason after it.")
    uuid_lookup = "batch"
    owner = "batch__user"
    day_lookup = "batch__created_at"
    text_lookups = ("reason__icontains",)
