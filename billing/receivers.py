from typing import Any

from allauth.account.signals import email_changed
from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from billing.payments import customers


@receiver(email_changed)
def address_changed(user: User, **_about: Any) -> None:
    """Have Stripe send its invoices to the new address. If Stripe cannot be reached, `reconcile` does it later."""
    transaction.on_commit(lambda: customers.send_email_address(user), robust=True)
