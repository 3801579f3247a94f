"""Webhook deliveries in the admin, which operators can run again. The rest of dj-stripe's admin is unregistered.

It shows API keys, and amounts a hundred times too high (docs/decisions/0011). Use Stripe's dashboard instead.
"""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djstripe.models import WebhookEventTrigger

from billing.stripe import redelivery
from billing.stripe.reconcile import StripeError
from lib.read_only_admin import ReadOnly, translate

for _model in [model for model in admin.site._registry if model._meta.app_label == "djstripe"]:
    admin.site.unregister(_model)
# dj-stripe's names are not translated, and operators don't know the package.
apps.get_app_config("djstripe").verbose_name = "Stripe"
translate(
    WebhookEventTrigger,
    _("event from Stripe"),
    _("events from Stripe"),
    created=_("created"),
    valid=_("signature is valid"),
    processed=_("processed"),
    exception=_("error"),
    remote_ip=_("IP address"),
)


@admin.register(WebhookEventTrigger)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("created", "kind", "valid", "processed", "exception", "remote_ip")
    list_select_related = ("event",)
    list_filter = ("valid", "processed", "created")
    search_fields = ("event__id", "event__type", "exception")
    ordering = ("-id",)
    show_full_result_count = False
    fields = (*list_display, "traceback", "headers", "body")
    actions = ("run_again",)

    @admin.display(description=_("event"))
    def kind(self, delivery: WebhookEventTrigger) -> str:
        if delivery.event:
            return str(delivery.event.type)
        # Anybody can send a body, and old versions stored bodies that are no events.
        body = delivery.json_body
        return str(body.get("type", "?") if isinstance(body, dict) else "?")[:100]

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("djstripe.change_webhookeventtrigger")

    @admin.action(description=_("Process again"), permissions=["run"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for delivery in queryset.order_by("pk"):
            try:
                redelivery.run_again(delivery)
            except redelivery.NotValid:
                self._report(request, delivery, gettext("invalid signature, not processed"), messages.WARNING)
            except (StripeError, DatabaseError) as error:
                self._report(request, delivery, str(error), messages.ERROR)
            else:
                self._report(request, delivery, gettext("done"), messages.SUCCESS)

    def _report(self, request: HttpRequest, delivery: WebhookEventTrigger, outcome: str, level: int) -> None:
        self.message_user(request, f"{delivery.pk} {self.kind(delivery)}: {outcome}", level)
