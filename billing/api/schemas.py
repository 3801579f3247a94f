"""What programs that take payments send and get, with an example of each."""

from typing import Annotated, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StrictInt, model_validator

from rest.bodies import Body

_CUSTOMER_ID = "cus_1"
CUSTOMER = AliasChoices("customer", "customer_id", "customerId")
PAYMENT_METHOD = AliasChoices("paymentMethodId", "payment_method", "payment_method_id")
PRICE = AliasChoices("priceId", "price", "price_id")


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as invalid:
        raise ValueError("not an email address") from invalid
    return text


Email = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, Field(max_length=256)]
_BY_EMAIL = "The customer's email address. Without a customer of this address, one is created with `name`."
_BY_ID = "The id of a Stripe customer, instead of `email`."


def shown(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


def taken(**example: Any) -> ConfigDict:
    """The same for requests. A misspelt field is an error: ignored, it could charge the wrong person."""
    return ConfigDict(extra="forbid", **shown(**example))


class Customer(Body):
    """Who will pay."""

    model_config = taken(email="payer@example.org", name="A payer")

    email: Email
    name: Name | None = None


class PaymentIntent(Body):
    """A payment. With a payment method it is charged at once."""

    model_config = taken(
        email="payer@example.org", name="A payer", amount=5_000, currency="mxn", paymentMethodId="pm_card_visa"
    )

    email: Email | None = Field(None, description=_BY_EMAIL)
    name: Name | None = None
    customer: str | None = Field(None, validation_alias=CUSTOMER, description=_BY_ID)
    amount: StrictInt = Field(description="The amount in the currency's smallest unit: 500 is $5, or 500 yen.")
    currency: str | None = "usd"
    payment_method: str | None = Field(
        None,
        validation_alias=PAYMENT_METHOD,
        description="The id of a Stripe payment method. It is saved for the customer and charged. Without one, a "
        "browser completes the payment with the client secret.",
    )
    description: str | None = Field(None, max_length=1000)

    @model_validator(mode="after")
    def one_payer(self) -> Self:
        _check_payer(self.email, self.customer, is_needed=self.payment_method is not None)
        return self


class Invoice(Body):
    """An invoice for a one-time price, in the price's currency."""

    model_config = taken(email="payer@example.org", name="A payer", priceId="price_1")

    email: Email | None = Field(None, description=_BY_EMAIL)
    name: Name | None = None
    customer: str | None = Field(None, validation_alias=CUSTOMER, description=_BY_ID)
    price: str = Field(validation_alias=PRICE, description="The id of a Stripe price.")
    quantity: StrictInt | None = Field(1, ge=1, le=10_000)
    days_until_due: StrictInt | None = Field(30, ge=1, le=365)

    @model_validator(mode="after")
    def one_payer(self) -> Self:
        _check_payer(self.email, self.customer, is_needed=True)
        return self


def _check_payer(email: str | None, customer: str | None, *, is_needed: bool) -> None:
    if email and customer:
        raise ValueError("send either email or customer")
    if is_needed and not (email or customer):
        raise ValueError("email or customer is missing")


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
        message="The payment succeeded.",
        payment_intent_id="pi_1",
        status="succeeded",
        client_secret="pi_1_secret_2",  # noqa: S106  (an example)
        clientSecret="pi_1_secret_2",
    )

    success: bool
    message: str
    payment_intent_id: str
    status: str = Field(description="Stripe's status of the payment intent.")
    client_secret: str
    clientSecret: str  # noqa: N815  (as Stripe.js calls it)


class InvoiceSent(Schema):
    """The invoice that was emailed."""

    model_config = shown(
        success=True,
        message="The invoice was created and emailed.",
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
    message: str
    invoice: dict[str, str | int | None]
    invoice_id: str


class Failure(Schema):
    """What went wrong. If Stripe refused the request, these are Stripe's message and code."""

    model_config = shown(success=False, error="No such customer: 'cus_0'", code="resource_missing")

    success: bool = False
    error: str
    code: str
