"""The items of subscriptions: which price, how many, for which period, and what a change costs."""

from collections.abc import Sequence

from sandbox.stripe.clock import day_of_month, months_later
from sandbox.stripe.errors import invalid, refuse_unsupported
from sandbox.stripe.money import written
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id

from .invoice_lines import Line

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


class SubscriptionItems(Resource):
    kind, prefix = "subscription_item", "si"

    def put(self, subscription: Obj, params: Obj, param: str) -> Obj:
        """Add an item to a subscription; its period begins now, and during a trial ends with it."""
        price = self._price(params, param)
        present = subscription["items"]["data"]
        if present and present[0]["price"]["currency"] != price["currency"]:
            raise invalid("All prices of a subscription must have the same currency.", param)
        item = self.add(
            id=new_id("si", 14),
            billing_thresholds=None,
            current_period_end=subscription["trial_end"] or ends_at(price, self.now, day_of_month(self.now)),
            current_period_start=self.now,
            discounts=[],
            metadata=metadata(params.get("metadata")),
            price=price,
            quantity=params.get("quantity", 1),
            subscription=subscription["id"],
            tax_rates=[],
        )
        del item["livemode"]
        present.append(item)
        return item

    def lines(self, subscription: Obj) -> list[Line]:
        """The invoice lines of the current period, newest item first; free during a trial."""
        return [self._line(subscription, item) for item in reversed(subscription["items"]["data"])]

    def _line(self, subscription: Obj, item: Obj) -> Line:
        price, quantity = item["price"], item["quantity"]
        name = self.stripe.products.get(price["product"])["name"]
        interval = price["recurring"]["interval"]
        amount = price["unit_amount"] * quantity
        description = f"{quantity} × {name} (at {written(price['unit_amount'], price['currency'])} / {interval})"
        if subscription["status"] == "trialing":
            amount, description = 0, f"Trial period for {name}"
        period = (item["current_period_start"], item["current_period_end"])
        return Line(
            amount, price["currency"], description, period, price, quantity,
            subscription=subscription["id"], subscription_item=item["id"],
        )  # fmt: skip

    def start_period(self, subscription: Obj, item: Obj, start: int) -> None:
        """Begin an item's next period, on the subscription's day of the month."""
        anchor = day_of_month(subscription["billing_cycle_anchor"])
        item.update(current_period_start=start, current_period_end=ends_at(item["price"], start, anchor))

    def discounts_of(self, item: Obj) -> list[str]:
        """The discounts with which an item's current period was charged."""
        return list(self.store.hidden(item["id"]).get("discounts", []))

    def note_discounts(self, item: Obj, discount_ids: Sequence[str]) -> None:
        """Remember the discounts with which an item is charged, for a later credit."""
        self.store.hidden(item["id"])["discounts"] = list(discount_ids)

    def apply(self, subscription: Obj, given: Obj, param: str) -> None:
        """Add, change or remove one item as a request says, without charging anything."""
        if not given.get("id"):
            item = self.put(subscription, given, param)
            item["current_period_end"] = subscription["items"]["data"][0]["current_period_end"]
            return
        items = {item["id"]: item for item in subscription["items"]["data"]}
        if given["id"] not in items:
            raise invalid(f"No such subscription item: '{given['id']}'", f"{param}[id]", "resource_missing")
        item = items[given["id"]]
        if given.get("deleted"):
            subscription["items"]["data"].remove(item)
            self.store.remove(item)
            return
        item["price"] = self._price(given, param) if given.get("price") else item["price"]
        item["quantity"] = given.get("quantity", item["quantity"])
        item["metadata"] = metadata(given.get("metadata"), item["metadata"])

    def add_pending(self, subscription: Obj, line: Line) -> None:
        """Put a proration on the customer's next invoice."""
        details = {"subscription": subscription["id"], "subscription_item": line.subscription_item}
        item = self.stripe.invoice_items.make(
            subscription["customer"], line.amount, line.currency,
            price=line.price, description=line.description, quantity=line.quantity, proration=True, discountable=False,
            parent={"subscription_details": details, "type": "subscription_details"},
            period={"end": line.period[1], "start": line.period[0]},
        )  # fmt: skip
        self.store.hidden(item["id"])["discount_amounts"] = line.discount_amounts

    def _price(self, params: Obj, param: str) -> Obj:
        refuse_unsupported(params, "price_data")
        price = self.stripe.prices.sold(params.get("price", ""), f"{param}[price]")
        if price["type"] != "recurring":
            message = "The price is set to `type=one_time` but this field only accepts prices with `type=recurring`."
            raise invalid(message, f"{param}[price]")
        return price


def ends_at(price: Obj, start: int, anchor_day: int) -> int:
    """When a period that starts at a moment ends."""
    interval, count = price["recurring"]["interval"], price["recurring"]["interval_count"]
    if interval in DAYS:
        return start + DAYS[interval] * count * 24 * 3600
    return months_later(start, MONTHS[interval] * count, anchor_day)
