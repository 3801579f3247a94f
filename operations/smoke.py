"""A test purchase at Stripe with a test card: a plan, a batch, a refund, a cancellation."""

import time
import uuid
from collections.abc import Iterator

from django.conf import settings

from accounts.models import User
from batches.choices import BatchStatus
from batches.models import Batch, ImageModel
from batches.orders.order import Choices, Order
from batches.orders.submit import submit_order
from batches.runs import turns
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.models import Membership
from billing.payments import checkout, customers, refunds, settlement
from billing.plans import FREE, STARTER
from billing.stripe import catalogue, client
from billing.stripe.client import StripeError as StripeError
from billing.stripe.fields import id_of, payment_intent_of
from operations import stripe_dashboard

#: More than a batch of a user without a plan may have.
PICTURES = FREE.prompts_per_batch + 1
#: How long to wait for a payment, and for an image: the upstream may limit images to five a minute.
PAYMENT_SECONDS, PICTURE_SECONDS = 900, 60


class SmokeFailed(Exception):
    """A result is not as expected; the text says which."""


def run(*, on_page: bool = False) -> Iterator[str]:
    """Do each step and yield its result; raises `SmokeFailed` and `StripeError`. The test's user stays.

    `on_page` waits until the page at Stripe has been paid, instead of paying with a test card.
    """
    if settings.STRIPE_LIVE_MODE:
        raise SmokeFailed("This is a live key: use one that begins with sk_test_.")
    yield from catalogue.sync_plans()
    user = User.objects.create_user(f"smoke-{uuid.uuid4().hex[:8]}@example.org", name="Smoke test")
    before = ledger.account_of(user).balance
    yield f"customer {customers.customer_of(user, 'en')} for {user}"
    yield from _pay_on_page(user) if on_page else _pay_by_card(user)
    _expect(user, Membership.Status.ACTIVE, before + STARTER.credits_per_month)
    yield f"plan {STARTER.name}: {STARTER.credits_per_month} credits are here"
    try:
        yield from stripe_dashboard.check(user)
    except stripe_dashboard.WrongSetting as wrong:
        raise SmokeFailed(str(wrong)) from wrong
    yield from _make_pictures(user)
    yield from _give_back(user, before - PICTURES)


def _pay_by_card(user: User) -> Iterator[str]:
    customer_id = customers.known_customer_of(user)
    subscription = client.create_subscription(
        customer_id, catalogue.price_id_of(STARTER), stripe_dashboard.WORKING_CARD
    )
    _settle(subscription["id"], customer_id)
    yield f"subscription {subscription['id']} paid with {stripe_dashboard.WORKING_CARD}"


def _pay_on_page(user: User) -> Iterator[str]:
    session = checkout.new_session(user, STARTER, "en")
    yield f"Pay with 4242 4242 4242 4242 at {session['url']}"
    session_id = str(session["id"])
    ends_at = time.monotonic() + PAYMENT_SECONDS
    while client.session(session_id)["status"] == "open":
        if time.monotonic() > ends_at:
            raise SmokeFailed("The payment page has not been paid.")
        time.sleep(1)
    # As on the success page.
    yield f"payment page {session_id}: {checkout.confirm(user, session_id)['payment_status']}"


def _make_pictures(user: User) -> Iterator[str]:
    model, before = ImageModel.objects.on_offer()[0], ledger.account_of(user).balance
    prompts = [f"a lighthouse, number {number}" for number in range(1, PICTURES + 1)]
    choices = Choices(model, model.qualities.get(quality="low"), "png", "1:1")
    batch = submit_order(user, Order(prompts, choices, title="Smoke test"), uuid.uuid4())
    _finish(batch)
    if batch.ready_count != PICTURES:
        raise SmokeFailed(f"{batch.ready_count} of {PICTURES} pictures were made; the batch is {batch.status}.")
    _expect(user, Membership.Status.ACTIVE, before - PICTURES)
    yield f"batch of {PICTURES} pictures: all made, one credit each"


def _finish(batch: Batch) -> None:
    """Make the images here; a running worker may make some of them as well."""
    ends_at = time.monotonic() + PICTURES * PICTURE_SECONDS
    while batch.status in (BatchStatus.QUEUED, BatchStatus.RUNNING) and time.monotonic() < ends_at:
        delay_seconds = turns.advance(batch.pk)
        time.sleep(min(1, 0.2 if delay_seconds is None else delay_seconds))
        batch.refresh_from_db()


def _give_back(user: User, balance: int) -> Iterator[str]:
    """Refund the month, whose credits are partly used, and cancel."""
    subscription_id = Membership.objects.get(user=user).stripe_subscription
    invoice_id = id_of(client.subscription(subscription_id)["latest_invoice"])
    refund = client.create_refund(payment_intent=payment_intent_of(client.invoice(invoice_id)))
    refunds.book_refunds(id_of(refund["charge"]))
    _expect(user, Membership.Status.ACTIVE, balance)
    yield f"refund {refund['id']}: its credits are gone, also those that were used: {balance}"
    client.cancel_subscription(subscription_id)
    _settle(subscription_id, customers.known_customer_of(user))
    _expect(user, Membership.Status.ENDED, balance)
    yield "cancelled: the plan has ended, and the ledger is right"


def _settle(subscription_id: str, customer_id: str) -> None:
    # If a webhook has done it already, this changes nothing.
    settlement.settle_subscription(subscription_id, customer_id)
    settlement.settle_invoice(id_of(client.subscription(subscription_id)["latest_invoice"]), customer_id)


def _expect(user: User, status: str, balance: int) -> None:
    found = Membership.objects.get(user=user).status, ledger.account_of(user).balance
    if found != (status, balance):
        raise SmokeFailed(f"plan and credits should be {(str(status), balance)}, and are {found}")
    if faults := unbalanced_accounts():
        raise SmokeFailed("; ".join(faults))
