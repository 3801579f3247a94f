"""Which PaymentIntent pays which invoice."""

from sandbox.stripe.resource import Resource, listed
from sandbox.stripe.store import Obj


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
        self.link(invoice, intent)
        return intent

    def link(self, invoice: Obj, intent: Obj) -> None:
        """Have a PaymentIntent pay an invoice."""
        payment = self.add(
            amount_paid=None,
            amount_requested=intent["amount"],
            currency=intent["currency"],
            invoice=invoice["id"],
            is_default=True,
            payment={"payment_intent": intent["id"], "type": "payment_intent"},
            status="open",
            status_transitions={"canceled_at": None, "paid_at": None},
        )
        del payment["metadata"]

    def mark_paid(self, invoice: Obj, intent: Obj) -> None:
        payment = next(each for each in self.all() if each["invoice"] == invoice["id"])
        payment.update(status="paid", amount_paid=intent["amount_received"])
        payment["status_transitions"] = {"canceled_at": None, "paid_at": self.now}
        self.emit("paid", payment)

    def of_invoice(self, invoice_id: str) -> Obj:
        """The list that `expand: payments` puts into an invoice."""
        payments = [each for each in self.all() if each["invoice"] == invoice_id]
        return listed(payments, f"/v1/invoice_payments?invoice={invoice_id}")

    def invoice_of(self, intent_id: str) -> str | None:
        found = (each["invoice"] for each in self.all() if each["payment"]["payment_intent"] == intent_id)
        return next(found, None)

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Also by what pays."""
        wanted = params.get("payment", {}).get("payment_intent")
        return super().matches(obj, params) and wanted in (None, obj["payment"]["payment_intent"])
