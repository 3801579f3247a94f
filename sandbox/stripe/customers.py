"""Customers, and the account."""

from copy import deepcopy
from typing import Any

from .resource import Resource, metadata
from .store import Obj, new_id

ACCOUNT_ID = "acct_Sandbox000000000001"


class Customers(Resource):
    kind, prefix, filters = "customer", "cus", ("email",)

    def create(self, params: Obj) -> Obj:
        """Make a customer; with `payment_method` that card becomes theirs and the default."""
        named = ("email", "name", "description", "phone", "address", "preferred_locales", "shipping")
        fields: dict[str, Any] = {name: params.get(name) or None for name in named}
        customer = self.add(
            **{**fields, "preferred_locales": fields["preferred_locales"] or []},
            id=new_id("cus", 14),
            balance=params.get("balance", 0),
            currency=None,
            default_source=None,
            delinquent=False,
            discount=None,
            invoice_prefix=new_id("", 8)[1:].upper(),
            invoice_settings=_invoice_settings(params),
            metadata=metadata(params.get("metadata")),
            next_invoice_sequence=1,
            tax_exempt=params.get("tax_exempt") or "none",
            test_clock=self._test_clock(params.get("test_clock")),
        )
        self.emit("created", customer)
        if method := params.get("payment_method"):
            self.use_card(customer, method)
        return customer

    def _test_clock(self, clock_id: str | None) -> str | None:
        return str(self.stripe.test_clocks.get(clock_id, "test_clock")["id"]) if clock_id else None

    def use_card(self, customer: Obj, method_id: str) -> Obj:
        """Attach a payment method and make it the default one."""
        method = self.stripe.payment_methods.attached(method_id, customer["id"])
        settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
        previous = self.change(customer, invoice_settings=settings)
        if previous:
            self.emit("updated", customer, previous)
        return method

    def update(self, params: Obj, object_id: str) -> Obj:
        """Change a customer; a default payment method must be attached."""
        method = params.get("invoice_settings", {}).get("default_payment_method")
        if method:
            self.stripe.payment_methods.get(method, "invoice_settings[default_payment_method]")
        return super().update(params, object_id)

    def delete(self, params: Obj, object_id: str) -> Obj:
        """Delete a customer: subscriptions end, and only the id is left."""
        customer = self.get(object_id)
        if customer.get("deleted"):
            return customer
        for subscription in self.stripe.subscriptions.open_of(object_id):
            self.stripe.subscriptions.end(subscription, reason="cancellation_requested")
        last = deepcopy(customer)
        customer.clear()
        customer.update(id=object_id, object=self.kind, deleted=True)
        self.emit("deleted", last)
        return customer


class Accounts(Resource):
    """The one account that the stand-in has."""

    kind, prefix = "account", "acct"

    def retrieve(self, params: Obj, object_id: str = ACCOUNT_ID) -> Obj:
        if self.store.find(self.kind, ACCOUNT_ID) is None:
            self.add(**_account())
        return self.get(object_id)


def _invoice_settings(params: Obj) -> Obj:
    given = params.get("invoice_settings") or {}
    names = ("custom_fields", "default_payment_method", "footer", "rendering_options")
    return {name: given.get(name) or None for name in names}


def _account() -> Obj:
    return {
        "id": ACCOUNT_ID,
        "business_profile": {"name": "Sandbox", "mcc": None, "url": None, "support_email": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "dashboard": {"display_name": "Sandbox", "timezone": "Etc/UTC"},
        },
        "type": "standard",
    }
