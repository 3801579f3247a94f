from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from batches import lifecycle
from batches.admin.events import EventInline
from batches.admin.prompts import PromptInline
from batches.models import Batch
from billing.refusals import Refusal
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import ReadOnly


@admin.register(Batch)
class BatchAdmin(ReadOnly, LargeTableAdmin):
    """All customers' batches. Fields are read-only; the actions are those of the site."""

    list_display = (
        "__str__",
        "user",
        "status",
        "waiting_reason",
        "image_model",
        "total",
        "ready_count",
        "failed_count",
        "created_at",
    )
    list_prefetch_related = ("user", "image_model")
    list_filter = ("status", "waiting_reason", "image_model", "created_at", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("id",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter a batch id, an email address, a day such as 2026-11-29, or words of the title.")
    uuid_lookup = "pk"
    text_lookups = ("title__icontains",)
    # Titles are short, and there are far fewer batches than prompts.
    searches_all_texts = True
    view_on_site = False
    actions = ("pause", "resume", "cancel", "retry")
    inlines = (PromptInline, EventInline)
    readonly_fields = ("all_prompts",)
    fieldsets = (
        (None, {"fields": ("id", "user", "title", "status", "waiting_reason", "waiting_detail", "resume_at")}),
        (_("Program"), {"fields": ("api_key", "webhook_url")}),
        (_("Prompts"), {"fields": ("all_prompts", "total", "ready_count", "failed_count", "cancelled_count")}),
        (_("Choices"), {"fields": ("image_model", "quality", "format", "ratio", "style")}),
        (_("Times"), {"fields": ("created_at", "started_at", "finished_at", "not_before", "deleted_at")}),
        (_("Credits"), {"fields": ("hold",)}),
    )

    @admin.display(description=_("all prompts"))
    def all_prompts(self, batch: Batch) -> str:
        url = reverse("admin:batches_prompt_changelist", query={"batch__id__exact": batch.pk})
        text = ngettext("See %(count)s prompt", "See all %(count)s prompts", batch.total) % {"count": batch.total}
        return format_html('<a href="{}">{}</a>', url, text)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("batches.change_batch")

    @admin.action(description=_("Pause"), permissions=("operate",))
    def pause(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        self._apply(request, batches, lifecycle.pause)

    @admin.action(description=_("Resume (including batches on hold)"), permissions=("operate",))
    def resume(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        self._apply(request, batches, lifecycle.resume)

    @admin.action(description=_("Cancel"), permissions=("operate",))
    def cancel(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        self._apply(request, batches, lifecycle.cancel)

    @admin.action(description=_("Retry failed prompts"), permissions=("operate",))
    def retry(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        """Queue the failed prompts of each batch again. Their owners pay for them."""
        self._apply(request, batches, partial(lifecycle.retry, even_refused=True))

    def _apply(self, request: Any, batches: QuerySet[Batch], verb: Callable[[Batch, User], int]) -> None:
        """Apply the action to each batch, and report how many were updated, how many were not, and each refusal."""
        moved = refused = 0
        for batch in batches:
            try:
                done = verb(batch, request.user)
            except Refusal as refusal:
                self.message_user(request, f"{batch}: {refusal.sentence}", messages.ERROR)
                continue
            moved, refused = moved + bool(done), refused + (not done)
        if moved:
            text = ngettext("%(count)s batch updated.", "%(count)s batches updated.", moved)
            self.message_user(request, text % {"count": moved}, messages.SUCCESS)
        if refused:
            text = ngettext(
                "The status of %(count)s batch doesn’t allow this.",
                "The status of %(count)s batches doesn’t allow this.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, messages.WARNING)
