"""The items of subscriptions: which price, how many, for which period, and what a change in the middle costs."""

from copy import deepcopy

from sandbox.stripe.clock import day_of_month, months_later
from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.money import share, written
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id

from .invoice_lines import Line

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


class SubscriptionItems(Resource):
    """One price of a subscription each."""

    kind, prefix, filters = "subscription_item", "si", ("subscription",)

    def put(self, subscription: Obj, params: Obj, param: str) -> Obj:
        """Add an item to a subscription, its period beginning now."""
        price = self._price(params, param)
        present = subscription["items"]["data"]
        if present and present[0]["price"]["currency"] != price["currency"]:
            raise invalid("All prices of a subscription must have the same currency.", param)
        item = self.add(
            id=new_id("si", 14),
            billing_thresholds=None,
            current_period_end=ends_at(price, self.now, day_of_month(self.now)),
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

    def line(self, item: Obj) -> Line:
        """The invoice line of an item's current period."""
        price, quantity = item["price"], item["quantity"]
        name = self.stripe.products.get(price["product"])["name"]
        interval = price["recurring"]["interval"]
        description = f"{quantity} × {name} (at {written(price['unit_amount'], price['currency'])} / {interval})"
        period = (item["current_period_start"], item["current_period_end"])
        return Line(
            price["unit_amount"] * quantity, price["currency"], description, period, price, quantity,
            subscription=item["subscription"], item=item["id"],
        )  # fmt: skip

    def next_period(self, item: Obj, subscription: Obj) -> None:
        """Move an item into its next period."""
        start = item["current_period_end"]
        anchor = day_of_month(subscription["billing_cycle_anchor"])
        item.update(current_period_start=start, current_period_end=ends_at(item["price"], start, anchor))

    def change_items(self, subscription: Obj, params: Obj) -> Obj:
        """Change items as a request asks, and charge or credit the difference; gives the items as they were."""
        if not params.get("items"):
            return {}
        before = deepcopy(subscription["items"])
        lines = [
            line for number, given in enumerate(params["items"]) for line in self._changed(subscription, given, number)
        ]
        if before == subscription["items"]:
            return {}
        if not self._charge(subscription, lines, params):
            subscription["items"] = before
            for item in before["data"]:
                self.store.add(item)
            raise declined("card_declined")
        return {"items": before}

    def credit_the_rest(self, subscription: Obj) -> None:
        """Put what is left of the period on the customer's next invoice, as a credit."""
        for item in subscription["items"]["data"]:
            self._keep_pending(subscription, self._credit(item))

    def _changed(self, subscription: Obj, given: Obj, number: int) -> list[Line]:
        param = f"items[{number}]"
        if not given.get("id"):
            item = self.put(subscription, given, param)
            item["current_period_end"] = subscription["items"]["data"][0]["current_period_end"]
            return [self._debit(item)]
        items = {item["id"]: item for item in subscription["items"]["data"]}
        if given["id"] not in items:
            raise invalid(f"No such subscription item: '{given['id']}'", f"{param}[id]", "resource_missing")
        item = items[given["id"]]
        credit = self._credit(item)
        if given.get("deleted"):
            subscription["items"]["data"].remove(item)
            self.store.remove(item)
            return [credit]
        old = item["price"]["id"], item["quantity"]
        item["price"] = self._price(given, param) if given.get("price") or given.get("price_data") else item["price"]
        item["quantity"] = given.get("quantity", item["quantity"])
        item["metadata"] = metadata(given.get("metadata"), item["metadata"])
        self._start_afresh(subscription, item, credit)
        return [credit, self._debit(item)] if old != (item["price"]["id"], item["quantity"]) else []

    def _start_afresh(self, subscription: Obj, item: Obj, credit: Line) -> None:
        """Another interval begins a new period now, and moves the day of the month on which it is billed."""
        assert credit.price is not None
        if _interval(credit.price) != _interval(item["price"]):
            subscription["billing_cycle_anchor"] = self.now
            end = ends_at(item["price"], self.now, day_of_month(self.now))
            item.update(current_period_start=self.now, current_period_end=end)
            self.store.schedule(end, "period_end", subscription["id"])

    def _charge(self, subscription: Obj, lines: list[Line], params: Obj) -> bool:
        behaviour = params.get("proration_behavior", "create_prorations")
        if behaviour == "none" or not lines:
            return True
        if behaviour == "create_prorations":
            for line in lines:
                self._keep_pending(subscription, line)
            return True
        before = {name: subscription[name] for name in ("status", "latest_invoice")}
        pending = self.stripe.invoice_items.pending_of(subscription["customer"], subscription["id"])
        invoice = self.stripe.subscriptions.invoice_now(subscription, [*pending, *lines])
        paid = self.stripe.invoices.finalize_and_pay(invoice)
        if not paid and params.get("payment_behavior") in ("error_if_incomplete", "pending_if_incomplete"):
            self.stripe.invoices.void({}, invoice["id"])
            self.stripe.subscriptions.put_back(subscription, before)
            return False
        return True

    def _keep_pending(self, subscription: Obj, line: Line) -> None:
        details = {"subscription": subscription["id"], "subscription_item": line.item}
        self.stripe.invoice_items.make(
            subscription["customer"], line.amount, line.currency,
            price=line.price, description=line.description, quantity=line.quantity, proration=True, discountable=False,
            parent={"subscription_details": details, "type": "subscription_details"},
            period={"end": line.period[1], "start": line.period[0]},
        )  # fmt: skip

    def _credit(self, item: Obj) -> Line:
        return self._prorated(item, -1, "Unused time on")

    def _debit(self, item: Obj) -> Line:
        return self._prorated(item, 1, "Remaining time on")

    def _prorated(self, item: Obj, sign: int, words: str) -> Line:
        """What the rest of the period is worth, to the second."""
        price = item["price"]
        start, end = item["current_period_start"], item["current_period_end"]
        amount = sign * share(price["unit_amount"] * item["quantity"], max(0, end - self.now), end - start)
        name = self.stripe.products.get(price["product"])["name"]
        return Line(
            amount, price["currency"], f"{words} {name}", (self.now, end), price, item["quantity"],
            is_proration=True, subscription=item["subscription"], item=item["id"],
        )  # fmt: skip

    def _price(self, params: Obj, param: str) -> Obj:
        if data := params.get("price_data"):
            price = self.stripe.prices.inline(data)
        else:
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


def _interval(price: Obj) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]
