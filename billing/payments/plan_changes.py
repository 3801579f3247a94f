"""Changing what a customer pays for, on an operator's word; customers do it themselves in the portal."""

from billing.models import Membership
from billing.payments import settlement
from billing.plans import Plan
from billing.stripe import catalogue, client, fields
from billing.stripe.client import StripeTrouble as StripeTrouble
from billing.stripe.fields import id_of


class NotPaid(Exception):
    """Nobody pays for this membership: it is a gift, or it has ended."""


def change_paid_plan(membership: Membership, plan: Plan) -> bool:
    """Change a subscription at Stripe to another plan from now on; False if it is that plan already.

    A dearer plan charges the difference at once, and is refused when the card is; a cheaper one gives
    nothing back and is charged from the next month on. Raises `NotPaid` and `StripeTrouble`. Talks to
    Stripe, so not for transactions.
    """
    if not membership.is_stripe or membership.status == Membership.Status.ENDED:
        raise NotPaid
    subscription = client.subscription(membership.stripe_subscription)
    before = fields.price_of_subscription(subscription)
    price_id = catalogue.price_id_of(plan)
    if schedule_id := id_of(subscription.get("schedule")):
        client.release_schedule(schedule_id)
    if before["id"] != price_id:
        client.change_price(
            subscription["id"],
            subscription["items"]["data"][0]["id"],
            price_id,
            is_dearer=plan.price_cents > before["unit_amount"],
        )
    customer_id = id_of(subscription["customer"])
    settlement.settle_subscription(subscription["id"], customer_id)
    settlement.settle_invoice(id_of(client.subscription(subscription["id"])["latest_invoice"]), customer_id)
    return bool(before["id"] != price_id)
