"""What programs that take payments send and get, with an example of each."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StrictInt

_CUSTOMER_ID = "cus_1"
CUSTOMER = AliasChoices("customer", "customer_id", "customerId")
PRICE = AliasChoices("price", "price_id", "priceId")


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as invalid:
        raise ValueError("not an email address") from invalid
    return text


Email = Annotated[str, AfterValidator(_address)]


def shown(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Customer(Schema):
    """Who will pay."""

    model_config = shown(email="payer@example.org", name="A payer")

    email: Email
    name: str | None = Field(None, max_length=256)


class PaymentIntent(Schema):
    """A payment."""

    model_config = shown(amount=500, currency="usd", customer=_CUSTOMER_ID)

    amount: StrictInt = Field(description="The amount in the currency's smallest unit: 500 is $5, or 500 yen.")
    currency: str = "usd"
    customer: str | None = Field(None, validation_alias=CUSTOMER, description="The id of a Stripe customer.")
    description: str | None = Field(None, max_length=1000)


class Invoice(Schema):
    """An invoice for a one-time price."""

    model_config = shown(customer=_CUSTOMER_ID, price="price_1", quantity=1)

    customer: str = Field(validation_alias=CUSTOMER, description="The id of a Stripe customer.")
    price: str = Field(validation_alias=PRICE, description="The id of a Stripe price.")
    quantity: StrictInt = Field(1, ge=1, le=10_000)
    days_until_due: StrictInt = Field(30, ge=1, le=365)


class CustomerMade(Schema):
    """A Stripe customer."""

    model_config = shown(
        success=True,
        customer={"id": _CUSTOMER_ID, "email": "payer@example.org", "name": "A payer"},
        customer_id=_CUSTOMER_ID,
    )

    success: bool
    customer: dict[str, str | None]
    customer_id: str


class PaymentPrepared(Schema):
    """A Stripe payment intent. Its client secret, under both names, is for Stripe.js in the payer's browser."""

    model_config = shown(
        success=True,
        payment_intent_id="pi_1",
        client_secret="pi_1_secret_2",  # noqa: S106  (an example)
        clientSecret="pi_1_secret_2",
    )

    success: bool
    payment_intent_id: str
    client_secret: str
    clientSecret: str  # noqa: N815  (as Stripe.js calls it)


class InvoiceSent(Schema):
    """The invoice that was emailed."""

    model_config = shown(
        success=True,
        invoice={
            "id": "in_1",
            "number": "A1B2-0001",
            "status": "open",
            "currency": "usd",
            "amount_due": 500,
            "hosted_invoice_url": "https://invoice.stripe.com/i/1",
            "invoice_pdf": "https://invoice.stripe.com/i/1/pdf",
        },
        invoice_id="in_1",
    )

    success: bool
    invoice: dict[str, str | int | None]
    invoice_id: str


class Failure(Schema):
    """What went wrong. If Stripe refused the request, this is Stripe's message."""

    model_config = shown(success=False, error="No such customer: 'cus_0'")

    success: bool = False
    error: str
