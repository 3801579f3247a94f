"""Webhook deliveries in the admin, with re-run. The rest of dj-stripe's admin stays closed.

It shows API keys, and amounts a hundred times too high (docs/decisions/0011): Stripe's own dashboard is better.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djstripe.models import WebhookEventTrigger

from billing.stripe import redelivery
from billing.stripe.reconcile import StripeTrouble
from lib.read_only_admin import ReadOnly

for _model in [model for model in admin.site._registry if model._meta.app_label == "djstripe"]:
    admin.site.unregister(_model)


@admin.register(WebhookEventTrigger)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    """What came to our webhook, newest first: forged, failed and booked."""

    list_display = ("created", "kind", "valid", "processed", "exception", "remote_ip")
    list_select_related = ("event",)
    list_filter = ("valid", "processed", "created")
    search_fields = ("event__id", "event__type", "exception")
    ordering = ("-id",)
    show_full_result_count = False
    fields = (*list_display, "event", "traceback", "headers", "body")
    actions = ("run_again",)

    @admin.display(description=_("event"))
    def kind(self, delivery: WebhookEventTrigger) -> str:
        """Return what kind of event it says it is."""
        return str(delivery.event.type if delivery.event else delivery.json_body.get("type", "?"))[:100]

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Return whether the operator may have deliveries run again."""
        return request.user.has_perm("djstripe.change_webhookeventtrigger")

    @admin.action(description=_("Process again"), permissions=["run"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Run the chosen deliveries again, oldest first, and say how each ended."""
        for delivery in queryset.order_by("pk"):
            try:
                redelivery.run_again(delivery)
            except redelivery.NotValid:
                self._tell(
                    request,
                    delivery,
                    gettext("invalid signature, not processed"),
                    messages.WARNING,
                )
            except (StripeTrouble, DatabaseError) as trouble:
                self._tell(request, delivery, str(trouble), messages.ERROR)
            else:
                self._tell(request, delivery, gettext("done"), messages.SUCCESS)

    def _tell(self, request: HttpRequest, delivery: WebhookEventTrigger, words: str, level: int) -> None:
        self.message_user(request, f"{delivery.pk} {self.kind(delivery)}: {words}", level)
