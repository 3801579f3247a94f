"""`expand`: replaces ids in an answer by their objects."""

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import listed
from sandbox.stripe.store import Obj

if TYPE_CHECKING:
    from sandbox.stripe.stand_in import StandIn

DEEPEST = 4
# Fields that an answer has only if they are expanded, by kind of object.
Include = Callable[["StandIn", Obj], Any]
INCLUDED: dict[tuple[str, str], Include] = {
    ("charge", "refunds"): lambda stripe, charge: stripe.refunds.of_charge(charge["id"]),
    ("checkout.session", "line_items"): lambda stripe, session: stripe.checkout_sessions.included_items(session),
    ("coupon", "applies_to"): lambda stripe, coupon: None,
    ("customer", "sources"): lambda stripe, customer: listed([], f"/v1/customers/{customer['id']}/sources"),
    ("customer", "subscriptions"): lambda stripe, customer: stripe.subscriptions.list({"customer": customer["id"]}),
    ("invoice", "payments"): lambda stripe, invoice: stripe.invoice_payments.of_invoice(invoice["id"]),
    ("price", "currency_options"): lambda stripe, price: {},
    ("price", "tiers"): lambda stripe, price: None,
}
BREAKDOWN: Obj = {"discounts": [], "taxes": []}


def expanded(stripe: "StandIn", answer: Obj, paths: list[str]) -> Obj:
    """A copy of an answer with the objects that the paths name in place of their ids."""
    copy = deepcopy(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST + ("data" in steps):
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property: {path}", "expand")
        _expand(stripe, copy, steps, path)
    return copy


def _expand(stripe: "StandIn", owner: Any, steps: list[str], path: str) -> None:
    if isinstance(owner, list):
        for each in owner:
            _expand(stripe, each, steps, path)
        return
    if not isinstance(owner, dict) or owner.get("deleted"):
        return
    name, *rest = steps
    include = INCLUDED.get((owner.get("object", ""), name))
    if name not in owner and include:
        owner[name] = deepcopy(include(stripe, owner))
    elif name == "breakdown" and "amount_discount" in owner:
        owner[name] = dict(BREAKDOWN)
    elif name not in owner:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    else:
        owner[name] = _resolved(stripe, owner[name])
    if rest:
        _expand(stripe, owner[name], rest, path)


def _resolved(stripe: "StandIn", value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(stripe, each) for each in value]
    if isinstance(value, str):
        return deepcopy(stripe.store.by_id(value)) or value
    return value
