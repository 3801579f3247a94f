"""REST for programs that take payments through our Stripe account: a customer, a payment, an invoice.

Responses are `{"success": true, …}` with 200 or `{"success": false, "error": "…", "code": "…"}` with 400. 401, 403
and 429 concern the key, 413 a body that is too large. 503 is for the site and for Stripe: nothing is wrong with the
request.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router

from accounts.keys.auth import KeyAuth
from accounts.models import ApiKey
from billing.api import merchant
from billing.api.schemas import Customer, CustomerMade, Failure, Invoice, InvoiceSent, PaymentIntent, PaymentPrepared
from rest.problems import Problem

logger = logging.getLogger(__name__)

#: What is sent as `message` for each status of a payment intent.
MESSAGES = {
    "succeeded": "The payment succeeded.",
    "processing": "The payment is being processed. Banks can take days to confirm it.",
    "requires_action": "The payer must confirm this payment. Use the client secret with Stripe.js in their browser.",
}
PREPARED = "The payment is prepared. Use the client secret with Stripe.js in the payer's browser."
#: Seconds after which a program may try again while Stripe is overloaded or cannot be reached.
RETRY_AFTER_SECONDS = 5
IdempotencyKey = Annotated[
    str,
    Header(
        "",
        alias="Idempotency-Key",
        max_length=200,
        description="Any text you choose. A retry within 24 hours creates nothing twice. A different body gets 400.",
    ),
]


class OperatorsKey(KeyAuth):
    """An operator's API key."""

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Raises `Problem`, also if the key has the scope but its owner no longer operates the site."""
        key = super().__call__(request)
        if not key.user.is_staff:
            raise Problem("scope_missing", "This needs an operator's API key with the scope billing.")
        return key


router = Router(tags=["billing"], auth=OperatorsKey(ApiKey.Scope.BILLING))
Json = dict[str, Any]
FAILURES = dict.fromkeys((400, 401, 403, 413, 429, 503), Failure)


def _with_success(operation: Callable[..., Json]) -> Callable[..., Json]:
    """Add `success` to the response. Raises `Problem` for errors of Stripe."""

    @wraps(operation)
    def answer(*args: Any, **kwargs: Any) -> Json:
        try:
            return {"success": True, **operation(*args, **kwargs)}
        except merchant.StripeBusy as busy:
            logger.warning("Stripe could not be used: %s", busy)
            detail = f"Stripe is unavailable. Try again in a few seconds. ({busy})"
            raise Problem("unavailable", detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}) from busy
        except merchant.StripeBroken as broken:
            logger.exception("Stripe refuses the site's key")
            raise Problem("payments_not_set_up", f"The site cannot use Stripe: {broken}", status=503) from broken
        except merchant.StripeError as refused:
            raise Problem(refused.code or "refused", str(refused), status=400) from refused

    return answer


@router.post(
    "/create-customer",
    response={200: CustomerMade, **FAILURES},
    summary="Create a customer",
    operation_id="create_customer",
)
@_with_success
def create_customer(request: HttpRequest, body: Customer, idempotency_key: IdempotencyKey = "") -> Json:
    """Create a Stripe customer, who can pay and receive invoices."""
    key = _key(request, "customer", idempotency_key)
    made = merchant.create_customer(key, email=body.email, name=body.name)
    return {"customer": {name: made[name] for name in ("id", "email", "name")}, "customer_id": made["id"]}


@router.post(
    "/create-payment-intent",
    response={200: PaymentPrepared, **FAILURES},
    summary="Create a payment intent",
    operation_id="create_payment_intent",
)
@_with_success
def create_payment_intent(request: HttpRequest, body: PaymentIntent, idempotency_key: IdempotencyKey = "") -> Json:
    """Create a Stripe payment intent and, if the body names a payment method, charge it at once.

    Otherwise use the client secret with Stripe.js in the payer's browser.
    """
    key = _key(request, "payment", idempotency_key)
    made = merchant.create_payment_intent(key, **body.dict())
    return {
        "message": MESSAGES.get(made["status"], PREPARED),
        "payment_intent_id": made["id"],
        "status": made["status"],
        "client_secret": made["client_secret"],
        # Stripe.js uses this name.
        "clientSecret": made["client_secret"],
    }


@router.post(
    "/create-invoice",
    response={200: InvoiceSent, **FAILURES},
    summary="Create an invoice",
    operation_id="create_invoice",
)
@_with_success
def create_invoice(request: HttpRequest, body: Invoice, idempotency_key: IdempotencyKey = "") -> Json:
    """Create an invoice from a price, finalise it and email it."""
    key = _key(request, "invoice", idempotency_key)
    fields = ("id", "number", "status", "currency", "amount_due", "hosted_invoice_url", "invoice_pdf")
    sent = merchant.create_invoice(key, **body.dict())
    return {
        "message": "The invoice was created and emailed.",
        "invoice": {name: sent.get(name) for name in fields},
        "invoice_id": sent["id"],
    }


def _key(request: HttpRequest, kind: str, given: str) -> str:
    # Two API keys may send the same Idempotency-Key.
    return f"api:{request.auth.public_id}:{kind}:{given}" if given else ""  # type: ignore[attr-defined]
