"""REST for programs that take payments through our Stripe account: a customer, a payment, an invoice.

Answers are `{"success": true, …}` with 200 or `{"success": false, "error": "…"}` with 400; 401 and 403 are
about the key.
"""

from collections.abc import Callable
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from pydantic import AfterValidator, AliasChoices, Field, StrictInt

from accounts.key_auth import KeyAuth
from accounts.models import ApiKey
from billing import merchant

CUSTOMER = AliasChoices("customer", "customer_id", "customerId")
PRICE = AliasChoices("price", "price_id", "priceId")


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as invalid:
        raise ValueError("not an e-mail address") from invalid
    return text


Email = Annotated[str, AfterValidator(_address)]
IdempotencyKey = Annotated[str, Header("", alias="Idempotency-Key", max_length=200)]


class NotAllowed(Exception):
    """The key has the scope, but its owner no longer operates the site."""


class OperatorsKey(KeyAuth):
    """The key of an operator with the scope `billing`."""

    def __init__(self) -> None:
        super().__init__(ApiKey.Scope.BILLING)

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the key. Raises `NotAllowed` for a customer's, and what `KeyAuth` raises."""
        key = super().authenticate(request, token)
        if not key.user.is_staff:
            raise NotAllowed
        return key


class Customer(Schema):
    """Who will pay."""

    email: Email
    name: str | None = Field(None, max_length=256)


class PaymentIntent(Schema):
    """A payment; `amount` is in the currency's smallest unit: 500 is 5 US dollars, or 500 yen."""

    amount: StrictInt
    currency: str = "usd"
    customer: str | None = Field(None, validation_alias=CUSTOMER)
    description: str | None = Field(None, max_length=1000)


class Invoice(Schema):
    """An invoice for one price that is paid once."""

    customer: str = Field(validation_alias=CUSTOMER)
    price: str = Field(validation_alias=PRICE)
    quantity: StrictInt = Field(1, ge=1, le=10_000)
    days_until_due: StrictInt = Field(30, ge=1, le=365)


class Failure(Schema):
    """What went wrong; Stripe's refusals are told in its own words."""

    success: bool = False
    error: str


router = Router(tags=["billing"], auth=OperatorsKey())
Answer = dict[str, Any] | Status[dict[str, Any]]
ANSWERS = {200: dict[str, Any], (400, 401, 403): Failure}


@router.post("/create-customer", response=ANSWERS)
def create_customer(request: HttpRequest, body: Customer, idempotency_key: IdempotencyKey = "") -> Answer:
    """Make a customer at Stripe."""
    key = _key(request, "customer", idempotency_key)
    return _told(
        lambda: merchant.create_customer(key, email=body.email, name=body.name),
        lambda made: {"customer": {name: made[name] for name in ("id", "email", "name")}, "customer_id": made["id"]},
    )


@router.post("/create-payment-intent", response=ANSWERS)
def create_payment_intent(request: HttpRequest, body: PaymentIntent, idempotency_key: IdempotencyKey = "") -> Answer:
    """Prepare a payment; the client secret is for Stripe.js in the payer's browser."""
    key = _key(request, "payment", idempotency_key)
    return _told(
        lambda: merchant.create_payment_intent(key, **body.dict()),
        lambda made: {
            "payment_intent_id": made["id"],
            "client_secret": made["client_secret"],
            # As Stripe.js calls it.
            "clientSecret": made["client_secret"],
        },
    )


@router.post("/create-invoice", response=ANSWERS)
def create_invoice(request: HttpRequest, body: Invoice, idempotency_key: IdempotencyKey = "") -> Answer:
    """Make an invoice from a price, finalise it and mail it."""
    key = _key(request, "invoice", idempotency_key)
    fields = ("id", "number", "status", "currency", "amount_due", "hosted_invoice_url", "invoice_pdf")
    return _told(
        lambda: merchant.create_invoice(key, **body.dict()),
        lambda sent: {"invoice": {name: sent.get(name) for name in fields}, "invoice_id": sent["id"]},
    )


def _key(request: HttpRequest, kind: str, given: str) -> str:
    # Two programs may use the same words.
    return f"api:{request.auth.public_id}:{kind}:{given}" if given else ""  # type: ignore[attr-defined]


def _told(act: Callable[[], dict[str, Any]], shown: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
    try:
        return {"success": True, **shown(act())}
    except (merchant.StripeTrouble, merchant.BadAmount) as refused:
        return Status(400, {"success": False, "error": str(refused)})
