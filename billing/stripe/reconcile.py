"""Booking what no webhook reported: payments, refunds, disputes and subscriptions of the last days.

Stripe lists its events by the time at which something happened, so an old invoice that was paid today is found. Each
fact has a key and is booked once, so this may run at any time, and at the same time as webhooks.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from djstripe.models import Customer, Event, WebhookEventTrigger

from billing.models import LedgerEntry, Membership
from billing.payments import customers, refunds, settlement
from billing.stripe import client
from billing.stripe.client import StripeError as StripeError
from billing.stripe.fields import Data, id_of

logger = logging.getLogger(__name__)

#: Stripe retries an event for three days; one more to be safe.
DAYS = 4
#: Stripe stores events for as long.
DELIVERY_DAYS = 30
#: All workers together reconcile once in this time.
EVERY_SECONDS = 4 * 3600
#: How long to wait if Stripe is busy, before the second and last attempt.
PAUSE_SECONDS = 3.0
LAST_RUN = "billing:reconciled"


@dataclass(frozen=True)
class Reconciled:
    """How many bookings had been missing, and how many objects could not be booked."""

    new_count: int
    failed_count: int


def reconcile(days: int = DAYS) -> Reconciled:
    """Book what Stripe has and we have not, of the last `days`. Raises `StripeError` if Stripe is unavailable."""
    since = int((timezone.now() - timedelta(days=days)).timestamp())
    before = _bookings()
    events = _with_retry(partial(client.events_since, since, list(FACTS)))
    # Of several events about an object the newest one counts; they come newest first.
    facts = {(FACTS[each["type"]], each["data"]["object"]["id"]): each["data"]["object"] for each in reversed(events)}
    live = Membership.objects.live().exclude(stripe_subscription="").values_list("stripe_subscription", flat=True)
    running = {each["id"]: id_of(each["customer"]) for each in _with_retry(client.running_subscriptions)}
    moved = customers.with_another_email_address()
    outcomes = [
        *(_settles(fact_id, book, fact) for (book, fact_id), fact in facts.items()),
        *(_settles(each, settlement.settle_subscription, each, owner) for each, owner in running.items()),
        *(_settles(each, _subscription, each) for each in {*live} - {*running}),
        *(_settles(user.public_id, customers.send_email_address, user) for user in moved),
    ]
    return Reconciled(_bookings() - before, failed_count=outcomes.count(False))


def _settles(name: object, settle: Callable[..., None], *objects: Any) -> bool:
    """Settle an object, and return whether it worked. One that Stripe refuses, or a bug, does not stop the others."""
    try:
        _with_retry(partial(settle, *objects))
    except (client.StripeBusy, client.StripeBroken, InterfaceError, OperationalError):
        raise
    except Exception:
        logger.exception("could not reconcile %s", name)
        return False
    return True


def _with_retry(act: Callable[[], Any]) -> Any:
    """Return what `act` returns, with one more attempt if Stripe is busy, as after too many requests."""
    try:
        return act()
    except client.StripeBusy:
        time.sleep(PAUSE_SECONDS)
        return act()


def _session(session: Data) -> None:
    customer_id = id_of(session.get("customer"))
    if customer_id and not _is_booked(f"cs:{session['id']}"):
        settlement.settle_session(session["id"], customer_id)


def _invoice(invoice: Data) -> None:
    if not _is_booked(f"in:{invoice['id']}"):
        settlement.settle_invoice(invoice["id"], id_of(invoice["customer"]))


def _failed_invoice(invoice: Data) -> None:
    settlement.warn_of_failed_payment(invoice["id"], id_of(invoice["customer"]))


def _refund(refund: Data) -> None:
    charge_id = id_of(refund.get("charge"))
    is_booked = refund["status"] == "succeeded" and _is_booked(f"re:{refund['id']}")
    if charge_id and not is_booked:
        refunds.book_refunds(charge_id)


def _dispute(dispute: Data) -> None:
    refunds.book_dispute(dispute["id"])


#: What books the object of an event.
FACTS: dict[str, Callable[[Data], None]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "invoice.paid": _invoice,
    "invoice.payment_failed": _failed_invoice,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.closed": _dispute,
}


def _subscription(subscription_id: str) -> None:
    customer_id = id_of(client.subscription(subscription_id)["customer"])
    settlement.settle_subscription(subscription_id, customer_id)


def _is_booked(key: str) -> bool:
    return LedgerEntry.objects.filter(key=key).exists()


def _bookings() -> int:
    return LedgerEntry.objects.exclude(kind=LedgerEntry.Kind.IMAGE).count()


def prune_deliveries() -> int:
    """Delete old webhook deliveries, including forged ones, and their events; return how many."""
    limit = timezone.now() - timedelta(days=DELIVERY_DAYS)
    count, _ = WebhookEventTrigger.objects.filter(created__lt=limit).delete()
    Event.objects.filter(djstripe_created__lt=limit).delete()
    return count


def reconcile_if_sold() -> None:
    """The periodic job. Without a customer at Stripe there is nothing to reconcile."""
    if not settings.STRIPE_ENABLED or not Customer.objects.exists():
        return
    # A minute less, so that the worker that was first last time is first again.
    if not cache.add(LAST_RUN, timezone.now(), EVERY_SECONDS - 60):
        return
    prune_deliveries()
    try:
        found = reconcile()
    except StripeError:
        cache.delete(LAST_RUN)
        logger.warning("Stripe could not be reconciled; it will be retried", exc_info=True)
        return
    if found.new_count or found.failed_count:
        logger.warning("reconciled with Stripe: %s", found)
