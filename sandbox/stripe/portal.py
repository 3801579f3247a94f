"""Portal sessions: what a customer may do on the hosted page for their billing."""

from .errors import invalid
from .resource import Resource
from .store import Obj, new_id

CONFIGURATION_ID = "bpc_sandbox00000000000000"


class PortalSessions(Resource):
    """One visit of a customer to the portal each."""

    kind, prefix, filters = "billing_portal.session", "bps", ("customer",)

    def create(self, params: Obj) -> Obj:
        """Prepare the page of a customer."""
        customer = self.stripe.customers.get(params.get("customer") or "", "customer")
        return_url = params.get("return_url")
        if return_url and not return_url.startswith(("http://", "https://")):
            raise invalid("Not a valid URL", "return_url", "url_invalid")
        session = self.add(
            configuration=params.get("configuration") or CONFIGURATION_ID,
            customer=customer["id"],
            customer_account=None,
            flow=params.get("flow_data"),
            locale=params.get("locale"),
            on_behalf_of=None,
            return_url=return_url,
            url="",
        )
        del session["metadata"]
        secret = new_id("", 32)[1:]
        session["url"] = f"{self.stripe.base_url}/stripe/portal/{secret}"
        self.store.hidden(session["id"])["secret"] = secret
        return session

    def by_secret(self, secret: str) -> Obj | None:
        """The session of a page's address."""
        return next((each for each in self.all() if self.store.hidden(each["id"])["secret"] == secret), None)

    def cancel(self, subscription: Obj) -> None:
        """Have a subscription end with its period, by the flag that the account's billing mode uses."""
        end = self.stripe.subscriptions.period_end(subscription)
        by_date = self.stripe.behaviour.portal_cancels_with == "cancel_at"
        params = {"cancel_at": end} if by_date else {"cancel_at_period_end": True}
        self.stripe.subscriptions.update(params, subscription["id"])

    def use_card(self, customer: Obj, card: str) -> Obj:
        """Replace the card of a customer and of their subscriptions."""
        method = self.stripe.customers.use_card(customer, card)
        for subscription in self.stripe.subscriptions.open_of(customer["id"]):
            if subscription["default_payment_method"] is not None:
                self.stripe.subscriptions.update({"default_payment_method": method["id"]}, subscription["id"])
        return method

    def switch(self, subscription: Obj, price: Obj) -> None:
        """Change the plan: a dearer one now, prorated and charged; a cheaper one at the end of the period."""
        item = subscription["items"]["data"][0]
        if price["unit_amount"] <= item["price"]["unit_amount"]:
            self.stripe.subscription_schedules.switch_at_period_end(subscription, price)
            return
        if subscription["schedule"]:
            self.stripe.subscription_schedules.release({}, subscription["schedule"])
        items = [{"id": item["id"], "price": price["id"]}]
        params = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        self.stripe.subscriptions.update(params, subscription["id"])

    def offers(self, subscription: Obj) -> list[Obj]:
        """The prices that a subscription can change to: recurring, sold, in its currency, but not its own."""
        own = subscription["items"]["data"][0]["price"]["id"]
        sold = [price for price in self.stripe.prices.all() if price["active"] and price["recurring"]]
        return [price for price in sold if price["currency"] == subscription["currency"] and price["id"] != own]
