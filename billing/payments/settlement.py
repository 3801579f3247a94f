"""Booking what a Stripe id stands for: lock the customer, read the object from Stripe, book it.

Webhooks, the success page and `reconcile_stripe` all use these functions, so any of them may be first, late or
missing. Stripe is read inside the transaction, as dj-stripe does too: without the lock, an older response could
be booked after a newer one.
"""

from django.db import transaction

from billing.models import Membership
from billing.payments import customers, delayed, emails, purchases, subscriptions
from billing.payments.amounts import written_lazy
from billing.stripe import client, fields
from billing.stripe.fields import Data, id_of


@transaction.atomic
def settle_session(session_id: str, customer_id: str) -> None:
    customers.lock(customer_id)
    session = client.session(session_id)
    purchases.book_session(session)
    if subscription_id := id_of(session.get("subscription")):
        subscriptions.follow(subscription_id, customer_id)
        _book_invoice(id_of(client.subscription(subscription_id)["latest_invoice"]))
    delayed.follow_page(session)


@transaction.atomic
def settle_invoice(invoice_id: str, customer_id: str) -> None:
    customers.lock(customer_id)
    if subscription_id := _book_invoice(invoice_id):
        subscriptions.follow(subscription_id, customer_id)


@transaction.atomic
def settle_payment(payment_intent_id: str, customer_id: str) -> None:
    """Record that the payment of an invoice is under way. That of a pack is recorded with its page."""
    customers.lock(customer_id)
    if invoice_id := client.invoice_of_payment(payment_intent_id):
        delayed.follow_invoice(client.invoice(invoice_id))


@transaction.atomic
def settle_subscription(subscription_id: str, customer_id: str) -> None:
    customers.lock(customer_id)
    subscriptions.follow(subscription_id, customer_id)


@transaction.atomic
def warn_of_failed_payment(invoice_id: str, customer_id: str) -> None:
    """Email the customer that a renewal could not be collected, once for each attempt.

    Stripe sends two events if the bank asks the customer to confirm. By now the payment may be under way or paid.
    """
    customers.lock(customer_id)
    invoice = client.invoice(invoice_id)
    subscription_id, payment_id = fields.subscription_of(invoice), fields.last_payment_of(invoice)
    payment_status = client.payment_intent(payment_id)["status"] if payment_id else ""
    if not subscription_id or invoice["status"] != "open" or payment_status == "processing":
        return
    delayed.follow_invoice(invoice)
    # The email says until when the plan may be used. Following the subscription sets that date.
    subscriptions.follow(subscription_id, customer_id)
    if membership := Membership.objects.live().filter(stripe_subscription=subscription_id).first():
        attempt = invoice.get("next_payment_attempt")
        emails.send(
            membership.user,
            f"billing/email/payment_{'to_confirm' if payment_status == 'requires_action' else 'failed'}",
            once=f"failed:{invoice_id}:{invoice['attempt_count']}",
            plan=membership.plan.name,
            # Stripe may not try again.
            next_attempt_at=fields.moment(attempt) if attempt else None,
            plan_until=membership.grace_until if membership.is_in_grace else None,
            pay_url=invoice.get("hosted_invoice_url") or "",
        )


@transaction.atomic
def announce_renewal(invoice: Data) -> None:
    """Email the customer before a yearly renewal, and before any for which the card will have expired."""
    customer_id = id_of(invoice["customer"])
    customers.lock(customer_id)
    subscription_id = fields.subscription_of(invoice)
    membership = Membership.objects.live().filter(stripe_subscription=subscription_id or "-").first()
    if membership is None or membership.cancel_at or not invoice["amount_due"]:
        return
    user, plan = membership.user, membership.plan.name
    subscription = client.subscription(subscription_id)
    renews_at = fields.period_of(subscription)[1]
    renewal = f"{subscription_id}:{renews_at:%Y-%m-%d}"
    if fields.price_of_subscription(subscription)["recurring"]["interval"] == "year":
        amount = written_lazy(invoice["amount_due"], invoice["currency"])
        once = f"renewal:{renewal}"
        emails.send(user, "billing/email/renewal", once=once, plan=plan, renews_at=renews_at, amount=amount)
    card = _card_of(subscription, customer_id)
    if card and fields.card_expires_at(card) <= renews_at:
        facts = {"plan": plan, "renews_at": renews_at, "last_digits": card["last4"]}
        emails.send(user, "billing/email/card_expiring", once=f"card:{renewal}", **facts)


def _card_of(subscription: Data, customer_id: str) -> Data | None:
    """Return the card that pays for the subscription: its own, else the customer's."""
    method_id = id_of(subscription.get("default_payment_method"))
    if not method_id:
        method_id = id_of((client.customer(customer_id).get("invoice_settings") or {}).get("default_payment_method"))
    return client.payment_method(method_id).get("card") if method_id else None


def _book_invoice(invoice_id: str) -> str:
    """Book an invoice, and return the id of its subscription, empty if there is none."""
    if not invoice_id:
        return ""
    invoice = client.invoice(invoice_id)
    purchases.book_invoice(invoice)
    delayed.follow_invoice(invoice)
    return fields.subscription_of(invoice)
