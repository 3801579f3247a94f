"""What is sold: products and prices."""

from typing import Any

from .errors import invalid, refuse_unsupported
from .money import known_currency
from .resource import Resource, listed, metadata
from .store import Obj, new_id


class Products(Resource):
    kind, prefix, filters = "product", "prod", ("active",)

    def create(self, params: Obj) -> Obj:
        refuse_unsupported(params, "default_price_data")
        object_id = params.get("id") or new_id("prod", 14)
        if self.store.find(self.kind, object_id):
            raise invalid(f"Product already exists: {object_id}", "id", "resource_already_exists")
        optional = ("description", "package_dimensions", "shippable", "statement_descriptor", "tax_code", "unit_label")
        fields: dict[str, Any] = {name: params.get(name) or None for name in (*optional, "url")}
        product = self.add(
            **fields,
            id=object_id,
            active=params.get("active", True),
            default_price=None,
            images=params.get("images") or [],
            marketing_features=params.get("marketing_features") or [],
            metadata=metadata(params.get("metadata")),
            name=params["name"],
            type="service",
            updated=self.now,
        )
        self.emit("created", product)
        return product

    def update(self, params: Obj, object_id: str) -> Obj:
        self.get(object_id)["updated"] = self.now
        return super().update(params, object_id)

    def features(self, params: Obj, object_id: str) -> Obj:
        """Answer the entitlements of a product: there are none."""
        self.get(object_id)
        return listed([], f"/v1/products/{object_id}/features")

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Also by ids."""
        return super().matches(obj, params) and obj["id"] in params.get("ids", [obj["id"]])


class Prices(Resource):
    """What a product costs: once, or each month."""

    kind, prefix, filters = "price", "price", ("active", "currency", "product", "type")

    def create(self, params: Obj) -> Obj:
        refuse_unsupported(params, "product_data", "custom_unit_amount", "tiers")
        product = self.stripe.products.get(params.get("product") or "", "product")
        amount = params.get("unit_amount")
        if amount is None:
            raise invalid("You must specify `unit_amount`; the sandbox has no other kind of price.", "unit_amount")
        if amount < 0:
            raise invalid("Invalid non-negative integer", "unit_amount", "parameter_invalid_integer")
        recurring = params.get("recurring")
        self._claim_lookup_key(params)
        price = self.add(
            active=params.get("active", True),
            billing_scheme="per_unit",
            currency=known_currency(params["currency"]),
            custom_unit_amount=None,
            lookup_key=params.get("lookup_key"),
            metadata=metadata(params.get("metadata")),
            nickname=params.get("nickname"),
            product=product["id"],
            recurring=_recurring(recurring) if recurring else None,
            tax_behavior=params.get("tax_behavior", "unspecified"),
            tiers_mode=None,
            transform_quantity=None,
            type="recurring" if recurring else "one_time",
            unit_amount=amount,
            unit_amount_decimal=str(amount),
        )
        self.emit("created", price)
        return price

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Also by lookup keys, and by how often it recurs."""
        wanted = params.get("recurring", {})
        recurring = obj["recurring"] or {}
        return (
            super().matches(obj, params)
            and obj["lookup_key"] in params.get("lookup_keys", [obj["lookup_key"]])
            and all(recurring.get(name) == value for name, value in wanted.items())
        )

    def sold(self, price_id: str, param: str) -> Obj:
        """A price that can be bought now."""
        price = self.get(price_id, param)
        if not price["active"]:
            raise invalid("The price specified is inactive. This field only accepts active prices.", param)
        product = self.stripe.products.get(price["product"], param)
        if not product["active"]:
            raise invalid(f"The product of the price {price_id} is not active.", param)
        return price

    def _claim_lookup_key(self, params: Obj, price_id: str = "") -> None:
        key = params.get("lookup_key")
        for other in self.all() if key else []:
            if other["lookup_key"] != key or other["id"] == price_id:
                continue
            if not params.get("transfer_lookup_key"):
                raise invalid(f"A price (`{other['id']}`) already uses that lookup key.", "lookup_key")
            self.emit("updated", other, self.change(other, lookup_key=None))


def _recurring(given: Obj) -> Obj:
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": given.get("meter"),
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type", "licensed"),
    }
