"""What the rest of a period is worth when a subscription changes: a credit for the old price, a charge for the new.

By default the amounts are net of the subscription's discounts, and the line's own discount amounts are 0. With
`proration_discounts: itemized` in the billing mode they are gross, and the discount amounts say what comes off.
https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts
"""

from typing import TYPE_CHECKING

from sandbox.stripe.money import share
from sandbox.stripe.store import Obj

from .invoice_lines import Line

if TYPE_CHECKING:
    from sandbox.stripe.stand_in import StandIn


def credit(stripe: "StandIn", subscription: Obj, item: Obj) -> Line:
    """The unused time on an item, at the discounts with which it was paid."""
    return _line(stripe, subscription, item, -1, "Unused time on")


def charge(stripe: "StandIn", subscription: Obj, item: Obj) -> Line:
    """The remaining time on an item, at the discounts that the subscription has now."""
    stripe.subscription_items.note_discounts(item, subscription["discounts"])
    return _line(stripe, subscription, item, 1, "Remaining time on")


def _line(stripe: "StandIn", subscription: Obj, item: Obj, sign: int, words: str) -> Line:
    price, quantity = item["price"], item["quantity"]
    start, end = item["current_period_start"], item["current_period_end"]
    now = stripe.clock.now()
    left, whole = max(0, end - now), end - start
    full = price["unit_amount"] * quantity
    discounts = stripe.discounts.off(full, stripe.subscription_items.discounts_of(item))
    if _is_itemized(subscription):
        amount = share(full, left, whole)
        amounts = [(each["discount"], sign * share(each["amount"], left, whole)) for each in discounts]
    else:
        amount = share(full - sum(each["amount"] for each in discounts), left, whole)
        amounts = [(each["discount"], 0) for each in discounts]
    name = stripe.products.get(price["product"])["name"]
    return Line(
        sign * amount, price["currency"], f"{words} {name}", (now, end), price, quantity,
        is_proration=True,
        discount_amounts=tuple(amounts),
        subscription=subscription["id"],
        subscription_item=item["id"],
    )  # fmt: skip


def _is_itemized(subscription: Obj) -> bool:
    flexible = subscription["billing_mode"]["flexible"] or {}
    return bool(flexible.get("proration_discounts") == "itemized")
