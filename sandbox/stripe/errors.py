"""Stripe's errors, with the types and codes that clients depend on."""

from typing import Any

INVALID_REQUEST = "invalid_request_error"
SAME_KEY = (
    "Keys for idempotent requests can only be used with the same parameters they were first used with. "
    "Try using a key other than '{key}' if you meant to execute a different request."
)
DECLINES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "expired_card": "Your card has expired.",
    "payment_intent_authentication_failure": "We are unable to authenticate your payment method.",
}


class StripeError(Exception):
    """An answer other than 200: its status and the fields of Stripe's error object, without those that are None."""

    def __init__(self, status: int, message: str, *, kind: str = INVALID_REQUEST, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.fields = {"message": message, "type": kind, **{name: value for name, value in fields.items() if value}}

    def body(self, request_id: str) -> dict[str, Any]:
        return {"error": {**self.fields, "request_log_url": f"/stripe/#{request_id}"}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    return StripeError(400, message, param=param, code=code)


def refuse_unsupported(params: dict[str, Any], *names: str) -> None:
    """Refuse what Stripe can do and the sandbox cannot: ignored, it would make a test pass that should not."""
    for name in names:
        if params.get(name):
            raise invalid(f"The sandbox does not support `{name}`.", name)


def missing(param: str) -> StripeError:
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def no_such(kind: str, object_id: str, param: str = "id") -> StripeError:
    """There is no such object: 404 for an id in the URL, 400 for a parameter."""
    status = 404 if param == "id" else 400
    return StripeError(status, f"No such {kind}: '{object_id}'", param=param, code="resource_missing")


def unknown_url(method: str, path: str) -> StripeError:
    message = f"Unrecognized request URL ({method}: {path}). The sandbox knows those of sandbox/stripe/api/routes.py."
    return StripeError(404, message)


def no_key() -> StripeError:
    message = "You did not provide an API key. Send it in the Authorization header, using Bearer auth."
    return StripeError(401, message)


def wrong_key(key: str) -> StripeError:
    """The key is not one of a test mode."""
    return StripeError(401, f"Invalid API Key provided: {key[:8]}***{key[-4:]}")


def live_key() -> StripeError:
    return StripeError(
        403, "This is a sandbox: it does not accept live keys. Nothing was done.", code="testmode_charges_only"
    )


def real_key() -> StripeError:
    return StripeError(403, "STRIPE_SECRET_KEY is set: this site uses the real Stripe, so its sandbox does not serve.")


def other_parameters(key: str) -> StripeError:
    """An idempotency key was used again for another request."""
    return StripeError(400, SAME_KEY.format(key=key), kind="idempotency_error")


def declined(decline_code: str, **fields: Any) -> StripeError:
    """The card was declined; `fields` are what Stripe adds, such as PaymentIntent and charge."""
    code = "card_declined" if decline_code in ("card_declined", "insufficient_funds") else decline_code
    plain = "generic_decline" if decline_code == "card_declined" else decline_code
    message = DECLINES[decline_code]
    return StripeError(402, message, kind="card_error", code=code, decline_code=plain, **fields)


def too_small(minimum: str) -> StripeError:
    return invalid(f"Amount must be at least {minimum}", "amount", "amount_too_small")


def ordered_fault(status: int) -> StripeError:
    if status == 429:
        return StripeError(429, "Request rate limit exceeded.", code="rate_limit")
    return StripeError(status, "An unknown error occurred.", kind="api_error")
