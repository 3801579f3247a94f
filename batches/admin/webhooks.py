"""Customers' webhooks in the admin: endpoints without their secrets, and messages, which can be sent again."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from batches.models import WebhookDelivery, WebhookEndpoint
from lib.large_table_admin import LargeTableAdmin
from lib.read_only_admin import ReadOnly


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("url", "user", "event_names", "created_at", "failing_since", "disabled_at", "disabled_reason")
    list_select_related = ("user",)
    list_filter = ("disabled_reason", ("failing_since", admin.EmptyFieldListFilter))
    search_fields = ("url", "user__email")
    ordering = ("-created_at",)
    fields = list_display
    readonly_fields = ("event_names",)

    @admin.display(description=_("events"))
    def event_names(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, LargeTableAdmin):
    list_display = (
        "created_at", "user", "event", "url", "status", "attempt_count", "response_status", "error", "next_attempt_at",
    )  # fmt: skip
    list_prefetch_related = ("user", "endpoint")
    list_filter = ("status", "event", "created_at")
    search_fields = ("message_id",)  # only shows the search box; see `get_search_results`
    search_help_text = _("Enter the start of an email address, a day, or the id of a message (msg_…).")
    id_lookups: ClassVar[dict[str, str]] = {"": "message_id"}
    fields = (
        "message_id", *list_display, "attempted_at", "duration_seconds", "response_excerpt", "body",
    )  # fmt: skip
    readonly_fields = ("message_id",)
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("batches.change_webhookdelivery")

    @admin.action(description=_("Send again"), permissions=("send",))
    def send_again(self, request: Any, deliveries: QuerySet[WebhookDelivery]) -> None:
        """Start over with the attempts. Messages for endpoints that are off stay as they are."""
        results = [delivery.send_again() for delivery in deliveries]
        sent, refused = results.count(True), results.count(False)
        if sent:
            text = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", sent)
            self.message_user(request, text % {"count": sent}, messages.SUCCESS)
        if refused:
            text = ngettext(
                "%(count)s message is for an endpoint that is off.",
                "%(count)s messages are for endpoints that are off.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, messages.WARNING)
