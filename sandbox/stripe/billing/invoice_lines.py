"""The lines of invoices, and which part of a discount each of them gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.stripe.store import Obj, new_id


@dataclass(frozen=True)
class Line:
    """A line before it is on an invoice.

    `discount_amounts` are those of a proration; other lines get theirs from the invoice.
    """

    amount: int
    currency: str
    description: str
    period: tuple[int, int]
    price: Obj | None = None
    quantity: int = 1
    is_proration: bool = False
    is_discountable: bool = True
    discount_amounts: tuple[tuple[str, int], ...] = ()
    subscription: str | None = None
    subscription_item: str | None = None
    invoice_item: str | None = None


def as_line_item(line: Line, invoice: Obj) -> Obj:
    """A line as it stands on an invoice."""
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": [{"amount": amount, "discount": name} for name, amount in line.discount_amounts],
        "discountable": line.is_discountable and not line.is_proration,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": parent_of(line),
        "period": {"end": line.period[1], "start": line.period[0]},
        "pretax_credit_amounts": [],
        "pricing": pricing_of(line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    }


def parent_of(line: Line) -> Obj:
    """What a line comes from: a subscription item, or an invoice item of its own."""
    details = {
        "invoice_item": line.invoice_item,
        "proration": line.is_proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription,
    }
    if not line.subscription_item:
        return {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    details["subscription_item"] = line.subscription_item
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}


def pricing_of(line: Line) -> Obj | None:
    """The price of a line, in the place where invoice lines and invoice items have it."""
    if line.price is None:
        return None
    details = {"price": line.price["id"], "product": line.price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": line.price["unit_amount_decimal"]}


def share_discounts(lines: Sequence[Obj], discounts: Sequence[Obj]) -> None:
    """Divide an invoice's discounts among the lines that can be discounted, in proportion to their amounts."""
    shared = [line for line in lines if line["discountable"]]
    total = sum(line["amount"] for line in shared)
    for line in shared:
        line["discount_amounts"] = []
    for discount in discounts:
        left = discount["amount"]
        for line in shared:
            amount = left if line is shared[-1] else discount["amount"] * line["amount"] // total if total else 0
            line["discount_amounts"].append({"amount": amount, "discount": discount["discount"]})
            left -= amount
