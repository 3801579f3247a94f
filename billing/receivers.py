from typing import Any

from allauth.account.signals import email_changed
from django.db import transaction
from django.dispatch import receiver
from djstripe.models import WebhookEventTrigger
from djstripe.signals import webhook_post_process

from accounts.models import User
from billing.payments import customers, erasure
from billing.stripe.fields import id_of


@receiver(email_changed)
def address_changed(user: User, **_about: Any) -> None:
    """Have Stripe send its invoices to the new address. If Stripe cannot be reached, `reconcile` does it later."""
    transaction.on_commit(lambda: customers.send_email_address(user), robust=True)


@receiver(webhook_post_process, sender=WebhookEventTrigger)
def object_was_copied(instance: WebhookEventTrigger, **_about: Any) -> None:
    """Blank what dj-stripe has just copied, and the event itself, if the account has been deleted."""
    about = instance.json_body["data"]["object"]
    customer_id = about["id"] if about.get("object") == "customer" else id_of(about.get("customer"))
    user = customers.user_of(customer_id) if customer_id else None
    if user and user.erased_at:
        erasure.blank_copies(user)
        # dj-stripe saves it next.
        instance.body = ""
