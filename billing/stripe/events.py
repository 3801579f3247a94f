"""Receivers of Stripe's events. They run inside dj-stripe's transaction, which stores the event with its booking.

An event only says that something changed: the current state is read from Stripe. If a receiver fails, dj-stripe
rolls back and returns 500, and Stripe sends the event again.
"""

from typing import Any

from django.dispatch import receiver
from djstripe.event_handlers import djstripe_receiver
from djstripe.models import Event, WebhookEventTrigger
from djstripe.signals import webhook_post_process, webhook_pre_process

from billing.payments import customers, refunds, settlement
from billing.stripe import redelivery
from billing.stripe.fields import id_of


@receiver(webhook_pre_process, sender=WebhookEventTrigger)
def one_event_at_a_time(sender: Any, instance: WebhookEventTrigger, **kwargs: Any) -> None:
    """Lock the customer before dj-stripe reads the object, so that no older response is stored after a newer one."""
    about = instance.json_body["data"]["object"]
    customers.lock(about["id"] if about.get("object") == "customer" else id_of(about.get("customer")))


@receiver(webhook_post_process, sender=WebhookEventTrigger)
def event_was_booked(sender: Any, instance: WebhookEventTrigger, **kwargs: Any) -> None:
    """Settle the event's deliveries that failed before Stripe sent it again."""
    redelivery.settle_earlier(instance.event)


def _object(event: Event) -> tuple[str, str]:
    about = event.data["object"]
    return about["id"], id_of(about.get("customer"))


@djstripe_receiver(
    ["checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"]
)
def payment_page_was_left(sender: Any, event: Event, **kwargs: Any) -> None:
    """Unpaid pages are booked by a later event, when the money has arrived."""
    settlement.settle_session(*_object(event))


@djstripe_receiver(["invoice.paid", "invoice.payment_succeeded"])
def invoice_was_paid(sender: Any, event: Event, **kwargs: Any) -> None:
    """Stripe sends both events for one payment."""
    settlement.settle_invoice(*_object(event))


@djstripe_receiver("payment_intent.processing")
def payment_is_under_way(sender: Any, event: Event, **kwargs: Any) -> None:
    """A bank debit takes days. Its end is reported with its page or its invoice."""
    settlement.settle_payment(*_object(event))


@djstripe_receiver("invoice.upcoming")
def renewal_is_near(sender: Any, event: Event, **kwargs: Any) -> None:
    """Sent as many days before as the account's settings say. The invoice does not exist yet, so it has no id."""
    settlement.announce_renewal(event.data["object"])


@djstripe_receiver(["invoice.payment_failed", "invoice.payment_action_required"])
def payment_failed(sender: Any, event: Event, **kwargs: Any) -> None:
    """The card was refused, or its bank asks the customer to confirm."""
    settlement.warn_of_failed_payment(*_object(event))


@djstripe_receiver(
    [
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
    ]
)
def subscription_moved(sender: Any, event: Event, **kwargs: Any) -> None:
    settlement.settle_subscription(*_object(event))


@djstripe_receiver(["refund.created", "refund.updated", "refund.failed"])
def refund_moved(sender: Any, event: Event, **kwargs: Any) -> None:
    if charge_id := id_of(event.data["object"].get("charge")):
        refunds.book_refunds(charge_id)


@djstripe_receiver("charge.refunded")
def charge_was_refunded(sender: Any, event: Event, **kwargs: Any) -> None:
    """An older endpoint may not subscribe to the refund events."""
    refunds.book_refunds(event.data["object"]["id"])


@djstripe_receiver(
    [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
)
def dispute_moved(sender: Any, event: Event, **kwargs: Any) -> None:
    refunds.book_dispute(event.data["object"]["id"])
