"""Stripe's webhook deliveries: those that failed, and running one again by an operator."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from djstripe.models import Event, WebhookEventTrigger
from djstripe.signals import webhook_pre_process

from billing.stripe import client
from billing.stripe.fields import is_event


class NotValid(Exception):
    """The delivery's signature was wrong, or its body is no event: it may be forged and is never run."""


#: If our last receiver fails, dj-stripe stores the error with a delivery that it calls processed.
_FAILED = Q(processed=False) | ~Q(exception="")


def failed_since(moment: datetime) -> QuerySet[WebhookEventTrigger]:
    """Return the genuine deliveries received since then whose events are not booked."""
    return WebhookEventTrigger.objects.filter(_FAILED, valid=True, created__gt=moment)


def settle_earlier(event: Event) -> None:
    """Record that this event is booked with its deliveries that failed before."""
    # The table is large and has an index of `event`, which a delivery has once it is processed.
    failed = WebhookEventTrigger.objects.filter(Q(event=None) | Q(event=event), _FAILED, valid=True)
    # Read first: an update would lock the rows of other events while it looks for these.
    if ids := list(failed.filter(body__contains=f'"{event.id}"').values_list("pk", flat=True)):
        WebhookEventTrigger.objects.filter(pk__in=ids).update(event=event, processed=True, exception="", traceback="")


@transaction.atomic
def run_again(delivery: WebhookEventTrigger) -> None:
    """Book what the delivery reported, as if it arrived now. What is booked already is not booked twice.

    Raises `NotValid`, `StripeError` and any error of the booking.
    """
    if not delivery.valid or not is_event(delivery.json_body):
        raise NotValid
    webhook_pre_process.send(sender=WebhookEventTrigger, instance=delivery)
    with client.our_errors():
        # dj-stripe skips an event that it has stored already, so call our receivers directly.
        if event := Event.objects.filter(id=delivery.json_body["id"]).first():
            event.invoke_webhook_handlers()
        else:
            event = delivery.process()
    settle_earlier(event)
