"""What customers may do in Stripe's portal: change cards, see invoices, cancel at the period's end, change plans.

Set here and not in Stripe's dashboard, so that a downgrade never takes away credits that are paid for.
"""

from typing import Any

from billing import plans
from billing.stripe import client

#: What customers can choose when the portal asks why they leave.
REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "low_quality", "too_complex", "other"]
#: Identifies our configuration in the account.
MARK = {"site": "images-in-bulk"}


def configuration_id() -> str:
    """Return the id of our configuration. The first call creates it."""
    found = _ours()
    return str((found or client.create_portal_configuration(**_wanted()))["id"])


def sync() -> list[str]:
    """Update our configuration to the present plans; return a line if it was created."""
    if found := _ours():
        client.update_portal_configuration(found["id"], **_wanted())
        return []
    return [f"portal configuration {client.create_portal_configuration(**_wanted())['id']} created"]


def _ours() -> dict[str, Any] | None:
    return next((each for each in client.portal_configurations() if each["metadata"] == MARK), None)


def _wanted() -> dict[str, Any]:
    prices: dict[str, list[str]] = {}
    lookup_keys = [key for plan in plans.PLANS for key in (plan.lookup_key, plan.yearly.lookup_key)]
    for price in client.prices(lookup_keys):
        prices.setdefault(price["product"], []).append(price["id"])
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["name", "address", "tax_id"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {
            "enabled": True,
            "mode": "at_period_end",
            "cancellation_reason": {"enabled": True, "options": REASONS},
        },
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": product, "prices": ids} for product, ids in prices.items()],
            # An upgrade takes effect and is charged at once, a downgrade at the end of the paid month or year.
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {
                "conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
            },
        },
    }
    return {"features": features, "metadata": MARK}
