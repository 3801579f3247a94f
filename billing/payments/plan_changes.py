"""Plan changes made by operators. Customers change their plan in Stripe's portal."""

from accounts.models import User
from billing.models import Membership
from billing.payments import customers, settlement
from billing.plans import Plan
from billing.stripe import catalogue, client, fields
from billing.stripe.client import StripeError as StripeError
from billing.stripe.fields import id_of


def change_paid_plan(membership: Membership, plan: Plan) -> None:
    """Change a subscription at Stripe to another plan now, and renew it if it would end.

    A yearly payment stays yearly. A more expensive plan charges the difference at once, and the change is
    refused if the card is. A cheaper plan refunds nothing and is charged from the next period on. Raises
    `StripeError`. Calls Stripe: do not use it inside a transaction.
    """
    subscription = client.subscription(membership.stripe_subscription)
    before = fields.price_of_subscription(subscription)
    wanted = plan.yearly if before["recurring"]["interval"] == "year" else plan
    price_id = catalogue.price_id_of(wanted)
    if schedule_id := id_of(subscription.get("schedule")):
        client.release_schedule(schedule_id)
    if before["id"] != price_id:
        client.change_price(
            subscription["id"],
            subscription["items"]["data"][0]["id"],
            price_id,
            is_dearer=wanted.price_cents > before["unit_amount"],
        )
    if fields.scheduled_end_of(subscription):
        # Stripe has two ways to end a subscription. Each is undone by its own parameter.
        undone = {"cancel_at_period_end": False} if subscription["cancel_at_period_end"] else {"cancel_at": ""}
        client.update_subscription(subscription["id"], **undone)
    customer_id = id_of(subscription["customer"])
    settlement.settle_subscription(subscription["id"], customer_id)
    settlement.settle_invoice(id_of(client.subscription(subscription["id"])["latest_invoice"]), customer_id)


def end_with_period(user: User, mark: str) -> None:
    """Let all the user's subscriptions end with the period that is paid.

    The `mark` in their metadata allows to resume only these. Raises `StripeError`. Calls Stripe: do not use it inside
    a transaction.
    """
    customer_id = customers.known_customer_of(user)
    found = client.subscriptions_of(customer_id) if customer_id else []
    renewed = [each for each in found if each["status"] in fields.LIVE and not fields.scheduled_end_of(each)]
    for subscription in renewed:
        if schedule_id := id_of(subscription.get("schedule")):
            # A subscription with a planned change of plan cannot be cancelled.
            client.release_schedule(schedule_id)
        client.update_subscription(subscription["id"], cancel_at_period_end=True, metadata={mark: "yes"})
        settlement.settle_subscription(subscription["id"], customer_id)
