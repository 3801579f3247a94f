"""What a subscription at Stripe means for the customer's plan.

The caller has locked the customer (`customers.lock`) before reading the subscription from Stripe.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from djstripe.models import Subscription

from accounts.models import User
from billing.models import Membership
from billing.payments import customers, emails
from billing.stripe import catalogue, fields
from billing.stripe.fields import id_of

Data = dict[str, Any]
logger = logging.getLogger(__name__)

OVER = ("canceled", "unpaid", "incomplete_expired", "paused")


def follow(subscription: Data) -> None:
    """Update the customer's membership to match the subscription. Doing it again changes nothing."""
    membership = Membership.objects.filter(stripe_subscription=subscription["id"]).select_related("user").first()
    user = membership.user if membership else customers.user_of(id_of(subscription["customer"]))
    if user is None:
        return
    if subscription["status"] in OVER and membership:
        _end(membership, subscription)
    elif subscription["status"] in fields.LIVE and not _is_superseded(user, subscription):
        _give(user, subscription, before=membership)


def _is_superseded(user: User, subscription: Data) -> bool:
    """Return whether the customer has a newer subscription. An operator should cancel one of the two."""
    membership = Membership.objects.live().filter(user=user).first()
    if membership is None or membership.stripe_subscription in ("", subscription["id"]):
        return False
    other = Subscription.objects.filter(id=membership.stripe_subscription).first()
    if other is None or other.stripe_data.get("status") not in fields.LIVE:
        return False
    logger.error("user %s pays for two subscriptions, %s and %s", user.pk, other.id, subscription["id"])
    return bool(other.created > fields.moment(subscription["created"]))


def _give(user: User, subscription: Data, before: Membership | None) -> None:
    if before and before.status == Membership.Status.ENDED:
        before = None
    awaits_payment = fields.awaits_payment(subscription)
    if awaits_payment and not before:
        return
    is_past_due = subscription["status"] == "past_due"
    if is_past_due and before and before.status == Membership.Status.PAST_DUE:
        return
    period_start, period_end = fields.period_of(subscription)
    sold = catalogue.sold_at(fields.price_of_subscription(subscription)["id"])
    if sold is None:
        return
    next_price = fields.next_price_of(subscription)
    planned = catalogue.sold_at(next_price) if next_price else None
    membership = Membership.objects.activate(
        user,
        before.plan_key if before and awaits_payment else sold.key,
        source=Membership.Source.STRIPE,
        period_start=period_start,
        period_end=period_end,
        cancel_at=fields.scheduled_end_of(subscription),
        next_plan_key=planned.key if planned and planned.key != sold.key else "",
        stripe_subscription=subscription["id"],
        reason=f"Stripe: {subscription['status']}",
    )
    if is_past_due:
        membership.mark_past_due(timezone.now() + timedelta(days=settings.STRIPE_GRACE_DAYS))
    _email_changes(before, membership)


def _email_changes(before: Membership | None, membership: Membership) -> None:
    user, plan = membership.user, membership.plan.name
    if membership.cancel_at and not (before and before.cancel_at):
        emails.subscription_ending(user, plan, membership.cancel_at)
    if before is None:
        return
    if before.cancel_at and not membership.cancel_at:
        emails.subscription_resumed(user, plan, membership.period_end)
    if membership.plan_key != before.plan_key:
        emails.plan_changed(user, before.plan.name, plan, membership.period_end)
    elif membership.next_plan and membership.next_plan_key != before.next_plan_key:
        emails.plan_will_change(user, plan, membership.next_plan.name, membership.period_end)


def _end(membership: Membership, subscription: Data) -> None:
    reason = (subscription.get("cancellation_details") or {}).get("reason") or ""
    if membership.end(reason=f"Stripe: {subscription['status']} {reason}".strip()):
        emails.subscription_ended(membership.user, membership.plan.name)
