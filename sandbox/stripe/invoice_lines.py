"""What invoices are made of: lines, single items, and the payments that settle them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import invalid
from .money import known_currency
from .resource import Resource, listed, metadata
from .store import Obj, new_id


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
        "pricing": _pricing(line),
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


def _pricing(line: Line) -> Obj | None:
    if line.price is None:
        return None
    details = {"price": line.price["id"], "product": line.price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": line.price["unit_amount_decimal"]}


class InvoiceItems(Resource):
    """Single items that go on an invoice: a certain one, or the next."""

    kind, prefix, filters = "invoiceitem", "ii", ("customer", "invoice")

    def create(self, params: Obj) -> Obj:
        """Make an item from a price or an amount; with `invoice` it goes on that draft."""
        customer = self.stripe.customers.get(params.get("customer") or "", "customer")
        invoice = self._draft(params.get("invoice"), customer["id"])
        price, amount, currency = self._priced(params, invoice)
        quantity = params.get("quantity", 1)
        item = self.make(
            customer["id"], amount * quantity, currency,
            description=params.get("description") or self._name_of(price),
            discountable=params.get("discountable", True),
            invoice=invoice["id"] if invoice else None,
            metadata=metadata(params.get("metadata")),
            quantity=quantity,
            price=price,
        )  # fmt: skip
        if invoice:
            invoice["lines"]["data"].append(as_line_item(self._line(item), invoice))
            self.stripe.invoices.reckon(invoice)
            self.stripe.invoices.emit("updated", invoice)
        return item

    def make(self, customer_id: str, amount: int, currency: str, *, price: Obj | None = None, **fields: Any) -> Obj:
        """An item that is already priced; `price` is what it was priced by."""
        common = {
            "discountable": True,
            "discounts": [],
            "invoice": None,
            "parent": None,
            "proration": False,
            "quantity": 1,
        }
        item = self.add(
            **{**common, "period": {"end": self.now, "start": self.now}, **fields},
            amount=amount,
            currency=currency,
            customer=customer_id,
            customer_account=None,
            date=self.now,
            net_amount=amount,
            pricing=_pricing(Line(amount, currency, "", (0, 0), price)),
            quantity_decimal=str(fields.get("quantity", 1)),
            tax_rates=[],
            test_clock=None,
        )
        self.emit("created", item)
        return item

    def pending_of(self, customer_id: str, subscription: str | None = None) -> list[Line]:
        """The lines of a customer's items that are on no invoice yet."""
        items = [item for item in self.all() if item["customer"] == customer_id and item["invoice"] is None]
        if subscription:
            items = [item for item in items if _subscription_of(item) in (None, subscription)]
        return [self._line(item) for item in items]

    def take(self, lines: Sequence[Line], invoice: Obj) -> None:
        """Note that the items among these lines are on an invoice now."""
        for line in lines:
            if item := self.store.find(self.kind, line.item or ""):
                item["invoice"] = invoice["id"]

    def delete(self, params: Obj, object_id: str) -> Obj:
        """Remove an item that is on no closed invoice."""
        item = self.get(object_id)
        if invoice := self._draft(item["invoice"], item["customer"]):
            lines = invoice["lines"]["data"]
            lines[:] = [
                line
                for line in lines
                if (line["parent"]["invoice_item_details"] or {}).get("invoice_item") != object_id
            ]
            self.stripe.invoices.reckon(invoice)
        self.store.remove(item)
        self.emit("deleted", item)
        return {"id": object_id, "object": self.kind, "deleted": True}

    def _draft(self, invoice_id: str | None, customer_id: str) -> Obj | None:
        if not invoice_id:
            return None
        invoice = self.stripe.invoices.get(invoice_id, "invoice")
        if invoice["status"] != "draft" or invoice["customer"] != customer_id:
            message = "You can only add items to a draft invoice of the same customer."
            raise invalid(message, "invoice", "invoice_not_editable")
        return invoice

    def _priced(self, params: Obj, invoice: Obj | None) -> tuple[Obj | None, int, str]:
        price_id = (params.get("pricing") or {}).get("price")
        if price_id or params.get("price_data"):
            prices = self.stripe.prices
            price = prices.sold(price_id, "pricing[price]") if price_id else prices.inline(params["price_data"])
            if price["type"] == "recurring":
                message = (
                    "The price is set to `type=recurring` but this field only accepts prices with `type=one_time`."
                )
                raise invalid(message, "pricing[price]")
            currency = price["currency"]
            amount = price["unit_amount"]
        else:
            price, currency = None, params.get("currency") or (invoice["currency"] if invoice else "usd")
            amount = params.get("amount", params.get("unit_amount_decimal"))
            if amount is None:
                raise invalid("You must provide one of `amount` or `pricing`.", "amount", "parameter_missing")
        if invoice and invoice["lines"]["data"] and invoice["currency"] != currency:
            raise invalid(f"The invoice is in {invoice['currency']}, the item in {currency}.", "currency")
        if invoice:
            invoice["currency"] = known_currency(currency)
        return price, int(amount), known_currency(currency)

    def _name_of(self, price: Obj | None) -> str:
        return self.stripe.products.get(price["product"])["name"] if price else ""

    def _line(self, item: Obj) -> Line:
        price_id = ((item["pricing"] or {}).get("price_details") or {}).get("price")
        price = self.store.find("price", price_id) if price_id else None
        period = (item["period"]["start"], item["period"]["end"])
        return Line(
            item["amount"], item["currency"], item["description"] or "", period, price, item["quantity"],
            is_proration=item["proration"], subscription=_subscription_of(item), item=item["id"],
        )  # fmt: skip


def _subscription_of(item: Obj) -> str | None:
    details = (item["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")


class InvoicePayments(Resource):
    """Which PaymentIntent pays which invoice."""

    kind, prefix, filters = "invoice_payment", "inpay", ("invoice", "status")

    def intent_of(self, invoice: Obj) -> Obj:
        """The PaymentIntent of an invoice, made at the first attempt."""
        for known in self.all():
            if known["invoice"] == invoice["id"]:
                return self.stripe.payment_intents.get(known["payment"]["payment_intent"])
        amount, currency = invoice["amount_remaining"], invoice["currency"]
        description = f"Invoice {invoice['number']}"
        intent = self.stripe.payment_intents.make(amount, currency, invoice["customer"], description=description)
        payment = self.add(
            amount_paid=None,
            amount_requested=amount,
            currency=currency,
            invoice=invoice["id"],
            is_default=True,
            payment={"payment_intent": intent["id"], "type": "payment_intent"},
            status="open",
            status_transitions={"canceled_at": None, "paid_at": None},
        )
        del payment["metadata"]
        return intent

    def mark_paid(self, invoice: Obj, intent: Obj) -> None:
        """The invoice's payment has succeeded."""
        payment = next(each for each in self.all() if each["invoice"] == invoice["id"])
        payment.update(status="paid", amount_paid=intent["amount_received"])
        payment["status_transitions"] = {"canceled_at": None, "paid_at": self.now}
        self.emit("paid", payment)

    def of_invoice(self, invoice_id: str) -> Obj:
        """The list that `expand: payments` puts into an invoice."""
        payments = [each for each in self.all() if each["invoice"] == invoice_id]
        return listed(payments, f"/v1/invoice_payments?invoice={invoice_id}")

    def invoice_of(self, intent_id: str) -> str | None:
        """The invoice that a PaymentIntent pays."""
        found = (each["invoice"] for each in self.all() if each["payment"]["payment_intent"] == intent_id)
        return next(found, None)

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Also by what pays."""
        wanted = params.get("payment", {}).get("payment_intent")
        return super().matches(obj, params) and wanted in (None, obj["payment"]["payment_intent"])
