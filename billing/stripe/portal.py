"""What customers may do in Stripe's portal: cards, invoices, cancelling at the end, changing between our plans.

Set by us and not in Stripe's dashboard, so that a downgrade never takes credits away that are paid for.
"""

from typing import Any

from billing import plans
from billing.stripe import client

#: Ours among the account's configurations.
MARK = {"site": "images-in-bulk"}


def configuration_id() -> str:
    """Return the id of our configuration; the first call makes it."""
    found = _ours()
    return str((found or client.create_portal_configuration(**_wanted()))["id"])


def sync() -> list[str]:
    """Bring our configuration to the present plans; return a line if it is new. Doing it again changes nothing."""
    if found := _ours():
        client.update_portal_configuration(found["id"], **_wanted())
        return []
    return [f"portal configuration {client.create_portal_configuration(**_wanted())['id']} created"]


def _ours() -> dict[str, Any] | None:
    return next((each for each in client.portal_configurations() if each["metadata"] == MARK), None)


def _wanted() -> dict[str, Any]:
    sold = client.prices([plan.lookup_key for plan in plans.PLANS])
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["name", "address", "tax_id"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": price["product"], "prices": [price["id"]]} for price in sold],
            # Dearer at once, and the difference paid at once; cheaper when the paid month is over.
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
        },
    }
    return {"features": features, "metadata": MARK}
