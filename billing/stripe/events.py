"""What Stripe's events set going. They run inside dj-stripe's transaction: the event and its booking are kept together.

An event only says that something happened: how things stand is read from Stripe. A receiver that fails
makes dj-stripe roll back and answer 500, and Stripe sends the event again.
"""

from typing import Any

from django.dispatch import receiver
from djstripe.event_handlers import djstripe_receiver
from djstripe.models import Event, WebhookEventTrigger
from djstripe.signals import webhook_pre_process

from billing.payments import customers, settlement
from billing.stripe.fields import id_of


@receiver(webhook_pre_process, sender=WebhookEventTrigger)
def one_event_at_a_time(sender: Any, instance: WebhookEventTrigger, **kwargs: Any) -> None:
    """Take the customer's lock before dj-stripe reads the object, so that an old answer never follows a newer one."""
    about = instance.json_body.get("data", {}).get("object", {})
    customers.lock(about.get("id", "") if about.get("object") == "customer" else id_of(about.get("customer")))


def _object(event: Event) -> tuple[str, str]:
    about = event.data["object"]
    return about["id"], id_of(about.get("customer"))


@djstripe_receiver(
    ["checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"]
)
def payment_page_was_left(sender: Any, event: Event, **kwargs: Any) -> None:
    """A pack was bought or a subscription begun; unpaid ones are booked when the money has come."""
    settlement.settle_session(*_object(event))


@djstripe_receiver(["invoice.paid", "invoice.payment_succeeded"])
def invoice_was_paid(sender: Any, event: Event, **kwargs: Any) -> None:
    """A month begins. Stripe tells it twice."""
    settlement.settle_invoice(*_object(event))


@djstripe_receiver(["invoice.payment_failed", "invoice.payment_action_required"])
def payment_failed(sender: Any, event: Event, **kwargs: Any) -> None:
    """The card was refused, or its bank wants to hear from the customer."""
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
    """A subscription began, renewed, changed its plan, failed to pay, will end, goes on or has ended."""
    settlement.settle_subscription(*_object(event))


@djstripe_receiver(["refund.created", "refund.updated", "refund.failed"])
def refund_moved(sender: Any, event: Event, **kwargs: Any) -> None:
    """Money goes back, or has come back from a bank that did not take it."""
    if charge_id := id_of(event.data["object"].get("charge")):
        settlement.settle_refunds(charge_id)


@djstripe_receiver("charge.refunded")
def charge_was_refunded(sender: Any, event: Event, **kwargs: Any) -> None:
    """The same fact as the refund's own event, which an old endpoint may not send."""
    settlement.settle_refunds(event.data["object"]["id"])


@djstripe_receiver(
    [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
)
def dispute_moved(sender: Any, event: Event, **kwargs: Any) -> None:
    """A bank contests a payment, or has decided."""
    settlement.settle_dispute(event.data["object"]["id"])
