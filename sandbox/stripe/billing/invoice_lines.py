"""What invoices are made of: lines, single items, and the payments that settle them."""

from dataclasses import dataclass

from sandbox.stripe.store import Obj, new_id


@dataclass(frozen=True)
class Line:
    """One line before it is on an invoice. `item` is the subscription item or invoice item that it comes from."""

    amount: int
    currency: str
    description: str
    period: tuple[int, int]
    price: Obj | None = None
    quantity: int = 1
    is_proration: bool = False
    subscription: str | None = None
    item: str | None = None


def as_line_item(line: Line, invoice: Obj) -> Obj:
    """A line as it stands on an invoice."""
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": [],
        "discountable": not line.is_proration,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": _parent(line),
        "period": {"end": line.period[1], "start": line.period[0]},
        "pretax_credit_amounts": [],
        "pricing": pricing_of(line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    }


def _parent(line: Line) -> Obj:
    if line.subscription and (line.item or "").startswith("si_"):
        details = {
            "invoice_item": None,
            "proration": line.is_proration,
            "proration_details": {"credited_items": None},
            "subscription": line.subscription,
            "subscription_item": line.item,
        }
        return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}
    details = {
        "invoice_item": line.item,
        "proration": line.is_proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription,
    }
    return {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}


def pricing_of(line: Line) -> Obj | None:
    if line.price is None:
        return None
    details = {"price": line.price["id"], "product": line.price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": line.price["unit_amount_decimal"]}
