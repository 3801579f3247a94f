"""Stripe's webhook deliveries: those that failed, and running one again by an operator."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from djstripe.models import Event, WebhookEventTrigger
from djstripe.signals import webhook_pre_process

from billing.stripe.fields import is_event


class NotValid(Exception):
    """The delivery's signature was wrong, or its body is no event: it may be forged and is never run."""


def failed_since(moment: datetime) -> QuerySet[WebhookEventTrigger]:
    """Return the genuine deliveries received since then whose events are not booked."""
    received = WebhookEventTrigger.objects.filter(valid=True, created__gt=moment)
    return received.filter(Q(processed=False) | ~Q(exception=""))


@transaction.atomic
def run_again(delivery: WebhookEventTrigger) -> None:
    """Book what the delivery reported, as if it arrived now. What is booked already is not booked twice.

    Raises `NotValid`, and any error of the booking.
    """
    if not delivery.valid or not is_event(delivery.json_body):
        raise NotValid
    webhook_pre_process.send(sender=WebhookEventTrigger, instance=delivery)
    # dj-stripe skips an event that it has stored already, so call our receivers directly.
    if event := Event.objects.filter(id=delivery.json_body["id"]).first():
        event.invoke_webhook_handlers()
        WebhookEventTrigger.objects.filter(pk=delivery.pk).update(event=event, processed=True)
    else:
        delivery.process()
