"""Payment methods: Stripe's test cards, and a bank debit that is paid days later."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.resource import Resource
from sandbox.stripe.store import Obj, new_id


@dataclass(frozen=True)
class Card:
    """How a test card behaves: `declines` is the decline code of its charges, or empty."""

    last4: str
    brand: str = "visa"
    declines: str = ""
    attaches: bool = True
    needs_authentication: bool = False
    is_delayed: bool = False


# https://docs.stripe.com/testing
CARDS = {
    "pm_card_visa": Card("4242"),
    "pm_card_mastercard": Card("4444", "mastercard"),
    "pm_card_amex": Card("8431", "amex"),
    "pm_card_visa_debit": Card("5556"),
    "pm_card_chargeCustomerFail": Card("0341", declines="card_declined"),
    "pm_card_chargeDeclined": Card("0002", declines="card_declined", attaches=False),
    "pm_card_chargeDeclinedInsufficientFunds": Card("9995", declines="insufficient_funds", attaches=False),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card("9995", declines="insufficient_funds", attaches=False),
    "pm_card_chargeDeclinedExpiredCard": Card("0069", declines="expired_card", attaches=False),
    "pm_card_authenticationRequired": Card("3184", needs_authentication=True),
    "pm_usBankAccount_success": Card("6789", is_delayed=True),
    "pm_usBankAccount_insufficientFunds": Card("2222", declines="insufficient_funds", is_delayed=True),
}


class PaymentMethods(Resource):
    kind, prefix, filters = "payment_method", "pm", ("customer", "type")

    def of_card(self, name: str) -> Obj:
        """A new payment method that behaves like a named test card."""
        card = CARDS[name]
        kind = "us_bank_account" if card.is_delayed else "card"
        details = _bank(card) if card.is_delayed else _card(card)
        method = self.add(
            allow_redisplay="unspecified",
            billing_details={"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            customer=None,
            type=kind,
            **{kind: details},
        )
        self.store.hidden(method["id"])["card"] = name
        return method

    def card_of(self, method_id: str) -> Card:
        """How a payment method behaves."""
        return CARDS[self.store.hidden(method_id)["card"]]

    def usable(self, method_id: str, param: str = "payment_method") -> Obj:
        """A payment method by its id, or a new one by a test card's name."""
        return self.of_card(method_id) if method_id in CARDS else self.get(method_id, param)

    def attached(self, method_id: str, customer_id: str) -> Obj:
        method = self.usable(method_id)
        if method["customer"] not in (None, customer_id):
            raise invalid("This payment method belongs to another customer.", "payment_method")
        card = self.card_of(method["id"])
        if not card.attaches:
            raise declined(card.declines, payment_method=method)
        if method["customer"] is None:
            method["customer"] = self.stripe.customers.get(customer_id, "customer")["id"]
            self.emit("attached", method)
        return method

    def attach(self, params: Obj, object_id: str) -> Obj:
        return self.attached(object_id, params["customer"])

    def expire_soon(self, method: Obj) -> None:
        """Let a card end with the current month, as its bank reports it to Stripe."""
        today = datetime.fromtimestamp(self.now, UTC)
        card = {**method["card"], "exp_month": today.month, "exp_year": today.year}
        self.emit("automatically_updated", method, self.change(method, card=card))

    def default_of(self, customer_id: str | None, preferred: str | None = None) -> Obj | None:
        """The payment method for a customer's invoices; None if there is none."""
        customer = self.store.find("customer", customer_id or "") or {}
        settings = customer.get("invoice_settings") or {}
        method_id = preferred or settings.get("default_payment_method")
        return self.store.find(self.kind, method_id) if method_id else None


def _card(card: Card) -> Obj:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": 2040,
        "fingerprint": new_id("", 16)[1:],
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank(card: Card) -> Obj:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "SANDBOX BANK",
        "fingerprint": new_id("", 16)[1:],
        "last4": card.last4,
        "routing_number": "110000000",
    }
