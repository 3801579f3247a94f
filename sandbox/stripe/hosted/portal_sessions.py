"""The portal: its configurations, and the customers' sessions."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id

CONFIGURATION_ID = "bpc_sandbox00000000000000"


class PortalConfigurations(Resource):
    """What customers may do in the portal. Without a configuration they may do everything."""

    kind, prefix, filters = "billing_portal.configuration", "bpc", ("active", "is_default")

    def create(self, params: Obj) -> Obj:
        self._check(params["features"])
        return self.add(
            active=True,
            application=None,
            business_profile=params.get("business_profile") or {},
            default_return_url=params.get("default_return_url"),
            features=params["features"],
            is_default=False,
            login_page={"enabled": False, "url": None},
            metadata=metadata(params.get("metadata")),
            name=params.get("name"),
            updated=self.now,
        )

    def update(self, params: Obj, object_id: str) -> Obj:
        """Change a configuration; features that are not named stay."""
        self._check(params.get("features", {}))
        return super().update(params, object_id)

    def _check(self, features: Obj) -> None:
        """Refuse plans to change to that Stripe could not offer."""
        changing = features.get("subscription_update") or {}
        where = "features[subscription_update]"
        if changing.get("enabled") and not (changing.get("products") and changing.get("default_allowed_updates")):
            raise invalid("To let customers change plans, name the products and what may be changed.", where)
        for product in changing.get("products") or []:
            for price_id in product["prices"]:
                price = self.stripe.prices.get(price_id, f"{where}[products]")
                if price["product"] != product["product"] or not price["recurring"]:
                    raise invalid(f"{price_id} is no recurring price of {product['product']}.", f"{where}[products]")


class PortalSessions(Resource):
    """One visit of a customer to the portal each."""

    kind, prefix, filters = "billing_portal.session", "bps", ("customer",)

    def create(self, params: Obj) -> Obj:
        customer = self.stripe.customers.get(params.get("customer") or "", "customer")
        return_url = params.get("return_url")
        if return_url and not return_url.startswith(("http://", "https://")):
            raise invalid("Not a valid URL", "return_url", "url_invalid")
        if params.get("configuration"):
            self.stripe.portal_configurations.get(params["configuration"], "configuration")
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
        return next((each for each in self.all() if self.store.hidden(each["id"])["secret"] == secret), None)

    def reasons(self, session: Obj) -> list[str]:
        """The reasons for cancelling that the portal asks for; empty if it does not ask."""
        configuration = self.store.find("billing_portal.configuration", session["configuration"]) or {}
        cancelling = (configuration.get("features") or {}).get("subscription_cancel") or {}
        asked = cancelling.get("cancellation_reason") or {}
        return list(asked.get("options") or []) if asked.get("enabled") else []

    def cancel(self, subscription: Obj, reason: str = "") -> None:
        """End a subscription with its period, by the flag that the settings choose."""
        end = self.stripe.subscriptions.period_end(subscription)
        by_date = self.stripe.behaviour.portal_cancels_with == "cancel_at"
        params: Obj = {"cancel_at": end} if by_date else {"cancel_at_period_end": True}
        if reason:
            params["cancellation_details"] = {"feedback": reason}
        self.stripe.subscriptions.update(params, subscription["id"])

    def use_card(self, customer: Obj, card: str) -> Obj:
        """Replace the card of a customer and of their subscriptions."""
        method = self.stripe.customers.use_card(customer, card)
        for subscription in self.stripe.subscriptions.open_of(customer["id"]):
            if subscription["default_payment_method"] is not None:
                self.stripe.subscriptions.update({"default_payment_method": method["id"]}, subscription["id"])
        return method

    def switch(self, session: Obj, subscription: Obj, price: Obj) -> None:
        """Change the plan: an upgrade now, prorated and charged; a downgrade as the configuration says."""
        item = subscription["items"]["data"][0]
        if price["unit_amount"] <= item["price"]["unit_amount"] and self._waits_for_period_end(session):
            self.stripe.subscription_schedules.switch_at_period_end(subscription, price)
            return
        if subscription["schedule"]:
            self.stripe.subscription_schedules.release({}, subscription["schedule"])
        items = [{"id": item["id"], "price": price["id"]}]
        params = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        self.stripe.subscriptions.update(params, subscription["id"])

    def _changing(self, session: Obj) -> Obj | None:
        """How the session's configuration lets customers change plans; None for the account's own settings."""
        configuration = self.store.find("billing_portal.configuration", session["configuration"])
        return None if configuration is None else configuration["features"].get("subscription_update") or {}

    def _waits_for_period_end(self, session: Obj) -> bool:
        changing = self._changing(session)
        conditions = ((changing or {}).get("schedule_at_period_end") or {}).get("conditions") or []
        return changing is None or any(each["type"] == "decreasing_item_amount" for each in conditions)

    def offers(self, session: Obj, subscription: Obj) -> list[Obj]:
        """The prices that a subscription can change to: recurring, sold, in its currency, but not its own."""
        own = subscription["items"]["data"][0]["price"]["id"]
        sold = [price for price in self.stripe.prices.all() if price["active"] and price["recurring"]]
        changing = self._changing(session)
        if changing is not None:
            products = changing["products"] if changing.get("enabled") else []
            named = {price_id for product in products for price_id in product["prices"]}
            sold = [price for price in sold if price["id"] in named]
        return [price for price in sold if price["currency"] == subscription["currency"] and price["id"] != own]
