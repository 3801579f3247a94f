"""What Stripe's webhooks brought, to be run again by an operator."""

from django.db import transaction
from djstripe.models import Event, WebhookEventTrigger
from djstripe.signals import webhook_pre_process


class NotValid(Exception):
    """The delivery's signature was wrong: it may be forged and is never run."""


@transaction.atomic
def run_again(delivery: WebhookEventTrigger) -> None:
    """Book what the delivery reported, as if it came now; what was booked stays booked once.

    Raises `NotValid`, and whatever keeps it from being booked.
    """
    if not delivery.valid:
        raise NotValid
    webhook_pre_process.send(sender=WebhookEventTrigger, instance=delivery)
    # dj-stripe leaves an event alone that it has seen; ours must be told all the same.
    if event := Event.objects.filter(id=delivery.json_body["id"]).first():
        event.invoke_webhook_handlers()
        WebhookEventTrigger.objects.filter(pk=delivery.pk).update(event=event, processed=True)
    else:
        delivery.process()
