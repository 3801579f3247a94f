"""PaymentIntents: the attempts to collect an amount."""

from typing import Any

from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.money import chargeable, known_currency
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id

from .payment_methods import Card

SETTLES_AFTER_SECONDS = 4 * 24 * 3600
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


class PaymentIntents(Resource):
    """Payments, from creation to success or failure."""

    kind, prefix, filters = "payment_intent", "pi", ("customer",)

    def create(self, params: Obj) -> Obj:
        """Make a payment; `confirm` also attempts it."""
        currency = known_currency(params["currency"])
        amount = chargeable(params["amount"], currency)
        if customer := params.get("customer"):
            self.stripe.customers.get(customer, "customer")
        intent = self.make(amount, currency, customer, **_given(params))
        if method := params.get("payment_method"):
            intent.update(
                payment_method=self.stripe.payment_methods.usable(method)["id"], status="requires_confirmation"
            )
        if params.get("confirm"):
            return self.confirm({name: params.get(name) for name in ("off_session", "return_url")}, intent["id"])
        return intent

    def make(self, amount: int, currency: str, customer: str | None, **fields: Any) -> Obj:
        """A payment that waits for a payment method."""
        intent = self.add(**{**_blank(), **fields}, amount=amount, currency=currency, customer=customer)
        intent["client_secret"] = f"{intent['id']}_secret_{new_id('', 25)[1:]}"
        self.emit("created", intent)
        return intent

    def confirm(self, params: Obj, object_id: str) -> Obj:
        """Attempt a payment; a declined card gets a 402."""
        intent = self.get(object_id)
        self._must_be(intent, CONFIRMABLE, "confirmed")
        method_id = params.get("payment_method") or intent["payment_method"]
        if not method_id:
            message = "You cannot confirm this PaymentIntent because it's missing a payment method."
            raise invalid(message, "payment_method", "payment_intent_unexpected_state")
        _check_redirects(intent, params)
        method = self.stripe.payment_methods.usable(method_id)
        self.store.hidden(object_id)["return_url"] = params.get("return_url")
        if not self.attempt(intent, method, off_session=bool(params.get("off_session"))):
            code = self.store.hidden(object_id)["declines"]
            raise declined(code, charge=intent["latest_charge"], payment_intent=intent, payment_method=method)
        return intent

    def attempt(self, intent: Obj, method: Obj, *, off_session: bool = False) -> bool:
        """Charge a payment method. Returns False if it is declined.

        A bank debit is `processing` for some days. A card that needs its owner's authentication waits for it; off
        session it is declined.
        """
        card = self.stripe.payment_methods.card_of(method["id"])
        intent["payment_method"] = method["id"]
        if card.is_delayed:
            intent["status"] = "processing"
            self.store.schedule(self.now + SETTLES_AFTER_SECONDS, "settle", intent["id"])
            self.emit("processing", intent)
            return True
        if card.needs_authentication and not off_session:
            intent.update(status="requires_action", next_action=self._authentication(intent))
            self.emit("requires_action", intent)
            return True
        if card.declines or card.needs_authentication:
            self.fail(intent, card.declines or "authentication_required")
            return False
        self.succeed(intent)
        return True

    def settle(self, intent: Obj, *, succeeded: bool) -> None:
        """End a payment that is processing or waits for authentication; others stay as they are."""
        if intent["status"] not in ("processing", "requires_action"):
            return
        if succeeded:
            self.succeed(intent)
        else:
            is_processing = intent["status"] == "processing"
            code = self._card(intent).declines or "card_declined"
            self.fail(intent, code if is_processing else "payment_intent_authentication_failure")
            self.stripe.invoices.payment_ended(intent)
        self.stripe.checkout_sessions.payment_settled(intent)

    def settling_due(self, object_id: str) -> None:
        if (intent := self.get(object_id))["status"] == "processing":
            self.settle(intent, succeeded=not self._card(intent).declines)

    def _card(self, intent: Obj) -> Card:
        return self.stripe.payment_methods.card_of(intent["payment_method"])

    def succeed(self, intent: Obj) -> None:
        charge = self.stripe.charges.make(intent, failure="")
        intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
        intent.update(last_payment_error=None, next_action=None)
        self.stripe.charges.emit("succeeded", charge)
        self.emit("succeeded", intent)
        self.stripe.invoices.payment_ended(intent)

    def fail(self, intent: Obj, code: str) -> None:
        charge = self.stripe.charges.make(intent, failure=code)
        error = {**declined(code).fields, "charge": charge["id"]}
        self.store.hidden(intent["id"])["declines"] = code
        intent.update(status="requires_payment_method", latest_charge=charge["id"], last_payment_error=error)
        intent.update(payment_method=None, next_action=None)
        self.stripe.charges.emit("failed", charge)
        self.emit("payment_failed", intent)

    def _authentication(self, intent: Obj) -> Obj:
        """What the customer has to do: visit the 3-D Secure page, by redirect where the request names a way back."""
        return_url = self.store.hidden(intent["id"]).get("return_url")
        if not return_url:
            return {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        url = f"{self.stripe.base_url}/stripe/authenticate/{intent['id']}"
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}

    def _must_be(self, intent: Obj, states: tuple[str, ...], verb: str) -> None:
        if intent["status"] not in states:
            message = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
            fields = {"payment_intent": intent}
            error = invalid(message, None, "payment_intent_unexpected_state")
            error.fields.update(fields)
            raise error


def _check_redirects(intent: Obj, params: Obj) -> None:
    """A payment method could send the payer to its bank: then Stripe must know the way back."""
    automatic = intent["automatic_payment_methods"] or {}
    if automatic.get("enabled") and automatic["allow_redirects"] != "never" and not params.get("return_url"):
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never`."
        )
        raise invalid(message, "return_url")


def _given(params: Obj) -> Obj:
    automatic = params.get("automatic_payment_methods")
    names = ("description", "receipt_email", "setup_future_usage", "statement_descriptor", "shipping", "transfer_group")
    return {
        **{name: params.get(name) or None for name in names},
        "automatic_payment_methods": {"allow_redirects": "always", **automatic} if automatic else None,
        "metadata": metadata(params.get("metadata")),
        "payment_method_types": params.get("payment_method_types") or ["card"],
    }


def _blank() -> Obj:
    nothing = (
        "application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "cancellation_reason",
        "customer_account", "description", "excluded_payment_method_types", "last_payment_error", "latest_charge",
        "next_action", "on_behalf_of", "payment_method", "payment_method_configuration_details", "processing",
        "receipt_email", "review", "setup_future_usage", "shipping", "source", "statement_descriptor",
        "statement_descriptor_suffix", "transfer_data", "transfer_group",
    )  # fmt: skip
    return {
        **dict.fromkeys(nothing),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }
