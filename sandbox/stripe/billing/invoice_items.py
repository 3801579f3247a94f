"""Invoice items: they go on a certain invoice, or on the customer's next one."""

from collections.abc import Sequence
from typing import Any

from sandbox.stripe.errors import invalid, refuse_unsupported
from sandbox.stripe.money import known_currency
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj

from .invoice_lines import Line, as_line_item, pricing_of


class InvoiceItems(Resource):
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
            self.stripe.invoices.add_up(invoice)
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
            pricing=pricing_of(Line(amount, currency, "", (0, 0), price)),
            quantity_decimal=str(fields.get("quantity", 1)),
            tax_rates=[],
            test_clock=None,
        )
        self.emit("created", item)
        return item

    def pending_of(self, customer_id: str, subscription: str) -> list[Line]:
        """The lines of a customer's items that go on the subscription's next invoice, newest first."""
        items = [item for item in self.all() if item["customer"] == customer_id and item["invoice"] is None]
        items = [item for item in items if _subscription_of(item) in (None, subscription)]
        items.sort(key=lambda item: -item["date"])
        return [self._line(item) for item in items]

    def take(self, lines: Sequence[Line], invoice: Obj) -> None:
        """Note that the items among these lines are on an invoice now."""
        for line in lines:
            if item := self.store.find(self.kind, line.invoice_item or ""):
                item["invoice"] = invoice["id"]

    def release(self, lines: Sequence[Line]) -> None:
        """Make the items of these lines pending again: their invoice is void."""
        for line in lines:
            self.get(line.invoice_item or "")["invoice"] = None

    def _draft(self, invoice_id: str | None, customer_id: str) -> Obj | None:
        if not invoice_id:
            return None
        invoice = self.stripe.invoices.get(invoice_id, "invoice")
        if invoice["status"] != "draft" or invoice["customer"] != customer_id:
            message = "You can only add items to a draft invoice of the same customer."
            raise invalid(message, "invoice", "invoice_not_editable")
        return invoice

    def _priced(self, params: Obj, invoice: Obj | None) -> tuple[Obj | None, int, str]:
        refuse_unsupported(params, "price_data")
        if price_id := (params.get("pricing") or {}).get("price"):
            price = self.stripe.prices.sold(price_id, "pricing[price]")
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
        if invoice and invoice["currency"] != currency.lower():
            raise invalid(f"The invoice is in {invoice['currency']}, the item in {currency}.", "currency")
        return price, int(amount), known_currency(currency)

    def _name_of(self, price: Obj | None) -> str:
        return self.stripe.products.get(price["product"])["name"] if price else ""

    def _line(self, item: Obj) -> Line:
        price_id = ((item["pricing"] or {}).get("price_details") or {}).get("price")
        price = self.store.find("price", price_id) if price_id else None
        period = (item["period"]["start"], item["period"]["end"])
        details = (item["parent"] or {}).get("subscription_details") or {}
        discount_amounts = self.store.hidden(item["id"]).get("discount_amounts", [])
        return Line(
            item["amount"], item["currency"], item["description"] or "", period, price, item["quantity"],
            is_proration=item["proration"],
            is_discountable=item["discountable"],
            discount_amounts=tuple((name, amount) for name, amount in discount_amounts),
            subscription=details.get("subscription"),
            subscription_item=details.get("subscription_item"),
            invoice_item=item["id"],
        )  # fmt: skip


def _subscription_of(item: Obj) -> str | None:
    details = (item["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")
