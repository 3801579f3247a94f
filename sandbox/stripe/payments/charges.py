"""Charges: each attempt to take an amount."""

from sandbox.stripe.resource import Resource
from sandbox.stripe.store import Obj


class Charges(Resource):
    """Attempts to take an amount from a card, failed ones too."""

    kind, prefix, filters = "charge", "ch", ("customer", "payment_intent")

    def make(self, intent: Obj, failure: str) -> Obj:
        """The charge of a payment; `failure` is a decline code, or empty when it succeeds."""
        charge = self.add(
            **_amounts(intent, failure),
            **_outcome(failure),
            **dict.fromkeys(NOTHING),
            billing_details={"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            calculated_statement_descriptor="SANDBOX",
            currency=intent["currency"],
            customer=intent["customer"],
            description=intent["description"],
            disputed=False,
            fraud_details={},
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            payment_method=intent["payment_method"],
            payment_method_details=self._details(intent["payment_method"]),
            receipt_email=intent["receipt_email"],
            refunded=False,
        )
        charge["receipt_url"] = None if failure else f"{self.stripe.base_url}/stripe/receipts/{charge['id']}"
        return charge

    def _details(self, method_id: str | None) -> Obj:
        method = self.store.find("payment_method", method_id or "") or self.stripe.payment_methods.of_card(
            "pm_card_visa"
        )
        kind = method["type"]
        return {"type": kind, kind: {name: value for name, value in method[kind].items() if name != "generated_from"}}


NOTHING = (
    "application", "application_fee", "application_fee_amount", "balance_transaction", "failure_balance_transaction",
    "on_behalf_of", "receipt_number", "review", "shipping", "source", "source_transfer", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_data", "transfer_group",
)  # fmt: skip


def _amounts(intent: Obj, failure: str) -> Obj:
    taken = 0 if failure else intent["amount"]
    return {"amount": intent["amount"], "amount_captured": taken, "amount_refunded": 0, "captured": not failure}


def _outcome(failure: str) -> Obj:
    code = "card_declined" if failure == "insufficient_funds" else failure
    reason = "generic_decline" if failure == "card_declined" else failure
    return {
        "failure_code": code or None,
        "failure_message": "Your card was declined." if failure else None,
        "outcome": {
            "network_status": "declined_by_network" if failure else "approved_by_network",
            "reason": reason or None,
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details." if failure else "Payment complete.",
            "type": "issuer_declined" if failure else "authorized",
        },
        "paid": not failure,
        "status": "failed" if failure else "succeeded",
    }
