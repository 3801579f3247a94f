"""The rules for requests of Checkout sessions that their types do not hold, and an empty session."""

from typing import Any

from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.resource import metadata
from sandbox.stripe.store import Obj

# Each pair contradicts itself; https://docs.stripe.com/api/checkout/sessions/create
EXCLUSIVE = (("customer", "customer_email"), ("discounts", "allow_promotion_codes"))
TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
ONLY_IN_MODE = {"subscription_data": "subscription", "payment_intent_data": "payment", "submit_type": "payment"}


def check(params: Obj) -> None:
    """Refuse what Stripe refuses although each parameter is valid on its own."""
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    if params["mode"] == "setup":
        raise invalid("The sandbox has no setup mode.", "mode")
    for one, other in EXCLUSIVE:
        if params.get(one) and params.get(other):
            raise invalid(f"You may only specify one of these parameters: {one}, {other}.", other)
    for name, mode in ONLY_IN_MODE.items():
        if params.get(name) and params["mode"] != mode:
            raise invalid(f"You can not pass `{name}` in `{params['mode']}` mode.", name)
    for name in ("success_url", "cancel_url"):
        if params.get(name) and not params[name].startswith(("http://", "https://")):
            raise invalid("Not a valid URL", name, "url_invalid")


def check_taxes(params: Obj, customer: Obj | None) -> None:
    """Refuse taxes and tax ids that Stripe could not put on the customer's invoices."""
    updates = params.get("customer_update") or {}
    if updates and not customer:
        raise invalid("`customer_update` can only be used with `customer`.", "customer_update")
    if customer and _is_on(params, "tax_id_collection") and updates.get("name") != "auto":
        message = (
            "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an "
            "existing customer, please set `customer_update[name]` to `auto`."
        )
        raise invalid(message, "tax_id_collection")
    if customer and _is_on(params, "automatic_tax") and not customer["address"] and updates.get("address") != "auto":
        message = (
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to "
            "the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' "
            "to save the address entered in Checkout to the Customer."
        )
        raise invalid(message, "automatic_tax")


def check_tax_behavior(params: Obj, price: Obj) -> None:
    if _is_on(params, "automatic_tax") and price["tax_behavior"] == "unspecified":
        message = f"The price {price['id']} does not have a `tax_behavior`, which automatic tax needs."
        raise invalid(message, "line_items")


def _is_on(params: Obj, name: str) -> bool:
    return bool((params.get(name) or {}).get("enabled"))


def given_fields(params: Obj) -> Obj:
    """The fields that a request sets as they are."""
    names = ("allow_promotion_codes", "billing_address_collection", "client_reference_id", "locale", "submit_type")
    return {
        **{name: params.get(name) for name in names},
        # There are no tax registrations here, so no tax is due.
        "automatic_tax": {
            "enabled": _is_on(params, "automatic_tax"),
            "liability": {"type": "self"} if _is_on(params, "automatic_tax") else None,
            "provider": "stripe" if _is_on(params, "automatic_tax") else None,
            "status": "complete" if _is_on(params, "automatic_tax") else None,
        },
        "custom_text": dict.fromkeys(TEXTS) | (params.get("custom_text") or {}),
        "customer_creation": params.get("customer_creation"),
        "metadata": metadata(params.get("metadata")),
        "mode": params["mode"],
        "payment_method_collection": params.get("payment_method_collection") or "always",
        "payment_method_types": params.get("payment_method_types") or ["card"],
        "tax_id_collection": {"enabled": _is_on(params, "tax_id_collection"), "required": "never"},
    }


def blank() -> dict[str, Any]:
    """The fields of a session before anything is known."""
    nothing = (
        "after_expiration", "allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id",
        "client_secret", "collected_information", "consent", "consent_collection", "currency_conversion", "customer",
        "customer_account", "customer_creation", "customer_details", "customer_email", "integration_identifier",
        "invoice", "locale", "origin_context", "payment_intent", "payment_link", "payment_method_configuration_details",
        "permissions", "recovered_from", "saved_payment_method_options", "setup_intent", "shipping_address_collection",
        "shipping_cost", "submit_type", "subscription", "wallet_options",
    )  # fmt: skip
    return {
        **dict.fromkeys(nothing),
        "adaptive_pricing": {"enabled": False},
        "custom_fields": [],
        "invoice_creation": None,
        "payment_method_options": {},
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
    }
