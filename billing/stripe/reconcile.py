"""What no webhook told: paid pages, invoices, refunds, disputes and subscriptions of the last days, booked now.

Everything here is booked once by its own key, so it may run at any time, and beside webhooks.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from djstripe.models import Customer, WebhookEventTrigger

from billing.models import LedgerEntry, Membership
from billing.payments import settlement
from billing.stripe import client
from billing.stripe.client import StripeTrouble as StripeTrouble
from billing.stripe.fields import id_of

logger = logging.getLogger(__name__)

#: As long as Stripe itself goes on trying to deliver an event, and a day for luck.
DAYS = 4
#: Deliveries are kept as long as Stripe keeps events.
KEPT_DAYS = 30
Data = dict[str, Any]


@dataclass(frozen=True)
class Reconciled:
    """What was found: bookings that had been missing, and objects that could not be booked."""

    new_count: int
    trouble_count: int


def reconcile(days: int = DAYS) -> Reconciled:
    """Book what Stripe has and we have not, of the last `days`; raises `StripeTrouble` when Stripe is away."""
    since = int((timezone.now() - timedelta(days=days)).timestamp())
    before = _bookings()
    troubles = [
        *_each(client.sessions_since(since), _session),
        *_each(client.paid_invoices_since(since), _invoice),
        *_each(client.refunds_since(since), _refund),
        *_each(client.disputes_since(since), _dispute),
        *_each(_followed_subscriptions(), _subscription),
    ]
    return Reconciled(_bookings() - before, sum(troubles))


def _each(objects: Iterable[Any], settle: Callable[[Any], None]) -> Iterable[bool]:
    """Settle each; one that Stripe refuses does not keep the others from being booked."""
    for each in objects:
        try:
            settle(each)
            yield False
        except client.StripeRefused:
            logger.exception("could not reconcile %s", each)
            yield True


def _session(session: Data) -> None:
    customer_id = id_of(session.get("customer"))
    if customer_id and not _is_booked(f"cs:{session['id']}"):
        settlement.settle_session(session["id"], customer_id)


def _invoice(invoice: Data) -> None:
    if not _is_booked(f"in:{invoice['id']}"):
        settlement.settle_invoice(invoice["id"], id_of(invoice["customer"]))


def _refund(refund: Data) -> None:
    charge_id = id_of(refund.get("charge"))
    is_as_it_should = refund["status"] == "succeeded" and _is_booked(f"re:{refund['id']}")
    if charge_id and not is_as_it_should:
        settlement.settle_refunds(charge_id)


def _dispute(dispute: Data) -> None:
    settlement.settle_dispute(dispute["id"])


def _subscription(subscription_id: str) -> None:
    customer_id = id_of(client.subscription(subscription_id)["customer"])
    settlement.settle_subscription(subscription_id, customer_id)


def _is_booked(key: str) -> bool:
    return LedgerEntry.objects.filter(key=key).exists()


def _followed_subscriptions() -> list[str]:
    live = Membership.objects.live().filter(source=Membership.Source.STRIPE).exclude(stripe_subscription="")
    return list(live.values_list("stripe_subscription", flat=True))


def _bookings() -> int:
    return LedgerEntry.objects.exclude(kind=LedgerEntry.Kind.IMAGE).count()


def prune_deliveries(days: int = KEPT_DAYS) -> int:
    """Delete deliveries of webhooks that are older than `days`, forged ones too; return how many there were."""
    limit = timezone.now() - timedelta(days=days)
    count, _ = WebhookEventTrigger.objects.filter(created__lt=limit).delete()
    return count


def reconcile_if_sold() -> None:
    """The periodic job: both, where there is something to reconcile."""
    if not settings.STRIPE_ENABLED or not Customer.objects.exists():
        return
    prune_deliveries()
    try:
        found = reconcile()
    except StripeTrouble:
        logger.warning("Stripe could not be reconciled; it is tried again", exc_info=True)
        return
    if found.new_count or found.trouble_count:
        logger.warning("reconciled with Stripe: %s", found)
