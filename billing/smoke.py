"""A subscription from its first payment to its end, at the Stripe that is configured, with a test card."""

import uuid
from collections.abc import Iterator

from django.conf import settings

from accounts.models import User
from billing import credits, customers, plans, settlement, stripe_catalogue, stripe_client
from billing.models import Membership
from billing.proof import unbalanced_accounts
from billing.stripe_client import StripeTrouble as StripeTrouble
from billing.stripe_read import id_of, payment_intent_of

TEST_CARD = "pm_card_visa"


class SmokeFailed(Exception):
    """Something did not come out as it must; the text says what."""


def run() -> Iterator[str]:
    """Do it step by step, yielding what was seen; raises `SmokeFailed`, `StripeTrouble`. The test's user stays."""
    if settings.STRIPE_LIVE_MODE:
        raise SmokeFailed("This is a live key: use one that begins with sk_test_.")
    yield from stripe_catalogue.sync_plans()
    user = User.objects.create_user(f"smoke-{uuid.uuid4().hex[:8]}@example.org", name="Smoke test")
    before = credits.account_of(user).balance
    customer_id = customers.customer_of(user, "en")
    yield f"customer {customer_id} for {user}"
    price_id = stripe_catalogue.price_id_of(plans.STARTER)
    subscription = stripe_client.create_subscription(customer_id, price_id, TEST_CARD)
    _settle(subscription["id"], id_of(subscription["latest_invoice"]), customer_id)
    _expect(user, Membership.Status.ACTIVE, before + plans.STARTER.credits_per_month)
    yield f"subscription {subscription['id']}: {plans.STARTER.credits_per_month} credits are here"
    yield from _give_back(user, subscription["id"], id_of(subscription["latest_invoice"]), customer_id, before)


def _give_back(user: User, subscription_id: str, invoice_id: str, customer_id: str, before: int) -> Iterator[str]:
    refund = stripe_client.create_refund(payment_intent_of(stripe_client.invoice(invoice_id)))
    settlement.settle_refunds(id_of(refund["charge"]))
    _expect(user, Membership.Status.ACTIVE, before)
    yield f"refund {refund['id']}: its credits are gone"
    stripe_client.cancel_subscription(subscription_id)
    _settle(subscription_id, invoice_id, customer_id)
    _expect(user, Membership.Status.ENDED, before)
    yield "cancelled: the plan has ended, and the ledger is right"


def _settle(subscription_id: str, invoice_id: str, customer_id: str) -> None:
    # A webhook may have done it already: then this changes nothing.
    settlement.settle_subscription(subscription_id, customer_id)
    settlement.settle_invoice(invoice_id, customer_id)


def _expect(user: User, status: str, balance: int) -> None:
    found = Membership.objects.get(user=user).status, credits.account_of(user).balance
    if found != (status, balance):
        raise SmokeFailed(f"plan and credits should be {(str(status), balance)}, and are {found}")
    if faults := unbalanced_accounts():
        raise SmokeFailed("; ".join(faults))
