"""What a subscription at Stripe means for the customer's plan.

The caller has locked the customer (`customers.lock`) before reading the subscription from Stripe.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from djstripe.models import Subscription

from accounts.models import User
from billing.models import Membership
from billing.payments import customers, emails
from billing.stripe import catalogue, client, fields
from billing.stripe.catalogue import Sold
from billing.stripe.fields import Data

OVER = ("canceled", "unpaid", "incomplete_expired", "paused")


def follow(subscription_id: str, customer_id: str) -> None:
    """Update the customer's membership to match their subscriptions. Doing it again changes nothing.

    All of them are read from Stripe: if several are active, the one with the most credits gives the plan, and when one
    ends, another may continue (docs/decisions/0020).
    """
    found = _with_others(subscription_id, customer_id)
    followed = Membership.objects.filter(stripe_subscription__in=found).select_related("user").first()
    user = followed.user if followed else customers.user_of(customer_id)
    if user is None:
        return
    before = followed if followed and followed.status != Membership.Status.ENDED else None
    live = [each for each in found.values() if each["status"] in fields.LIVE]
    # Nothing is given before the first payment. An upgrade that is not paid leaves the plan before it.
    paid = [each for each in live if _is(before, each) or not fields.awaits_payment(each)]
    running = [(each, sold) for each in paid if (sold := catalogue.sold_at(fields.price_of_subscription(each)["id"]))]
    if running:
        running.sort(key=lambda each: _rank(each[0], each[1], before), reverse=True)
        (subscription, sold), *others = running
        _give(user, subscription, sold, before, others=[other["id"] for other, _ in others])
    elif before and found[before.stripe_subscription]["status"] in OVER:
        _end(before, found[before.stripe_subscription])


def runs_at_stripe(user: User) -> bool:
    """Return whether a subscription runs at Stripe, paid or not. Does not call Stripe."""
    rows = Subscription.objects.filter(customer__subscriber=user, livemode=settings.STRIPE_LIVE_MODE)
    return any(row.stripe_data.get("status") in fields.LIVE for row in rows)


def _with_others(subscription_id: str, customer_id: str) -> dict[str, Data]:
    """Return all subscriptions of the customer by id, including ended ones."""
    try:
        found = {each["id"]: each for each in client.subscriptions_of(customer_id)}
    except client.StripeMissing:
        # The customer was deleted, which ended them all.
        found = {}
    return found if subscription_id in found else {**found, subscription_id: client.subscription(subscription_id)}


def _is(membership: Membership | None, subscription: Data) -> bool:
    return membership is not None and membership.stripe_subscription == subscription["id"]


def _rank(subscription: Data, sold: Sold, before: Membership | None) -> tuple[bool, int, bool, int]:
    """Return what makes a subscription give the plan: its payments arrive, it brings more credits, it already does."""
    its = before if before and _is(before, subscription) else None
    # The grace after a failed payment is stored in the membership only, so no subscription gets a second one.
    is_paid = subscription["status"] != "past_due" or bool(its and its.is_current(timezone.now()))
    return is_paid, sold.credits, its is not None, subscription["created"]


def _give(user: User, subscription: Data, sold: Sold, before: Membership | None, others: list[str]) -> None:
    is_past_due = subscription["status"] == "past_due"
    was_past_due = before and before.status == Membership.Status.PAST_DUE and _is(before, subscription)
    period_start, period_end = fields.period_of(subscription)
    next_price = fields.next_price_of(subscription)
    planned = catalogue.sold_at(next_price) if next_price else None
    membership = Membership.objects.activate(
        user,
        before.plan_key if before and fields.awaits_payment(subscription) else sold.key,
        source=Membership.Source.STRIPE,
        period_start=period_start,
        period_end=period_end,
        cancel_at=fields.scheduled_end_of(subscription),
        next_plan_key=planned.key if planned and planned.key != sold.key else "",
        stripe_subscription=subscription["id"],
        other_subscriptions=" ".join(others)[:255],
        # The grace is not renewed.
        grace_until=before.grace_until if before and was_past_due and is_past_due else None,
        reason=_reason(subscription),
    )
    if is_past_due:
        membership.mark_past_due(timezone.now() + timedelta(days=settings.STRIPE_GRACE_DAYS))
    _email_changes(before, membership)


def _email_changes(before: Membership | None, membership: Membership) -> None:
    user, plan = membership.user, membership.plan.name
    ended_at = before.cancel_at if before and before.stripe_subscription == membership.stripe_subscription else None
    # The email about a suspension or a deletion says that the plan ends, and the customer can't renew it.
    if membership.cancel_at and not ended_at and user.is_active and not user.delete_at:
        emails.send(user, "billing/email/subscription_ending", plan=plan, ends_at=membership.cancel_at)
    if before is None:
        return
    if ended_at and not membership.cancel_at:
        emails.send(user, "billing/email/subscription_resumed", plan=plan, renews_at=membership.period_end)
    if (membership.plan_key, membership.is_yearly) != (before.plan_key, before.is_yearly):
        now, renews_at = _name(membership), membership.period_end
        emails.send(user, "billing/email/plan_changed", before=_name(before), plan=now, renews_at=renews_at)
    elif membership.next_plan and membership.next_plan_key != before.next_plan_key:
        next_plan, changes_at = membership.next_plan.name, membership.period_end
        emails.send(user, "billing/email/plan_will_change", plan=plan, next_plan=next_plan, changes_at=changes_at)


def _name(membership: Membership) -> str | Promise:
    name = membership.plan.name
    return format_lazy(_("{plan} (yearly)"), plan=name) if membership.is_yearly else name


def _end(membership: Membership, subscription: Data) -> None:
    if membership.end(reason=_reason(subscription)):
        emails.send(membership.user, "billing/email/subscription_ended", plan=membership.plan.name)


def _reason(subscription: Data) -> str:
    """Return Stripe's status, and what the customer said when leaving."""
    details = subscription.get("cancellation_details") or {}
    words = [subscription["status"], *(details.get(name) for name in ("reason", "feedback", "comment"))]
    return f"Stripe: {' '.join(filter(None, words))}"
