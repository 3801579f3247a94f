"""Booking what a Stripe id stands for: lock the customer, read the object from Stripe, book it.

Webhooks, the success page and `reconcile_stripe` all use these functions, so any of them may be first, late or
missing. Stripe is read inside the transaction, as dj-stripe does too: without the lock, an older response could
be booked after a newer one.
"""

from django.db import transaction

from billing.models import Membership
from billing.payments import customers, emails, purchases, subscriptions
from billing.stripe import client, fields
from billing.stripe.fields import id_of


@transaction.atomic
def settle_session(session_id: str, customer_id: str) -> None:
    """Book a payment page: its packs, or its subscription with the first month."""
    customers.lock(customer_id)
    session = client.session(session_id)
    purchases.book_session(session)
    if subscription_id := id_of(session.get("subscription")):
        subscription = client.subscription(subscription_id)
        subscriptions.follow(subscription)
        _book_invoice(id_of(subscription["latest_invoice"]))


@transaction.atomic
def settle_invoice(invoice_id: str, customer_id: str) -> None:
    customers.lock(customer_id)
    _book_invoice(invoice_id)


@transaction.atomic
def settle_subscription(subscription_id: str, customer_id: str) -> None:
    customers.lock(customer_id)
    subscriptions.follow(client.subscription(subscription_id))


@transaction.atomic
def warn_of_failed_payment(invoice_id: str, customer_id: str) -> None:
    """Email the customer that a renewal could not be collected, unless it has been paid meanwhile."""
    customers.lock(customer_id)
    invoice = client.invoice(invoice_id)
    subscription_id = fields.subscription_of(invoice)
    if not subscription_id or invoice["status"] != "open":
        return
    # The email says until when the plan may be used. Following the subscription sets that date.
    subscriptions.follow(client.subscription(subscription_id))
    if membership := Membership.objects.live().filter(stripe_subscription=subscription_id).first():
        attempt = invoice.get("next_payment_attempt")
        emails.payment_failed(
            membership.user,
            str(membership.plan.name),
            next_attempt_at=fields.moment(attempt) if attempt else None,
            plan_until=membership.grace_until,
            pay_url=invoice.get("hosted_invoice_url") or "",
        )


def _book_invoice(invoice_id: str) -> None:
    if invoice_id:
        purchases.book_invoice(client.invoice(invoice_id))
