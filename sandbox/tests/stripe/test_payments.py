import pytest
import stripe

from .conftest import StandIn


def intent(amount: int = 300, currency: str = "usd", **fields: object) -> stripe.PaymentIntent:
    methods = {"enabled": True, "allow_redirects": "never"}
    return stripe.PaymentIntent.create(amount=amount, currency=currency, automatic_payment_methods=methods, **fields)


def test_a_payment_has_a_secret_for_the_browser(alice: stripe.Customer) -> None:
    payment = intent(customer=alice.id, metadata={"purpose": "pack"})
    assert payment.client_secret.startswith(f"{payment.id}_secret_")
    assert (payment.status, payment.metadata["purpose"]) == ("requires_payment_method", "pack")


def test_a_confirmed_payment_succeeds(stand_in: StandIn) -> None:
    payment = stripe.PaymentIntent.confirm(intent().id, payment_method="pm_card_visa", expand=["latest_charge"])
    assert (payment.status, payment.amount_received) == ("succeeded", 300)
    assert (payment.latest_charge.paid, payment.latest_charge.payment_method_details.card.last4) == (True, "4242")
    assert stand_in.event_types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_a_method_that_may_redirect_needs_a_way_back(stand_in: StandIn) -> None:
    payment = stripe.PaymentIntent.create(amount=300, currency="usd", automatic_payment_methods={"enabled": True})
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        stripe.PaymentIntent.confirm(payment.id, payment_method="pm_card_visa")


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_refused_card_says_why(stand_in: StandIn, card: str, code: str, decline_code: str) -> None:
    payment = intent()
    with pytest.raises(stripe.CardError) as declined:
        stripe.PaymentIntent.confirm(payment.id, payment_method=card)
    error = declined.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    assert error.error.payment_intent.id == payment.id
    assert stripe.PaymentIntent.retrieve(payment.id).last_payment_error.code == code


def test_a_card_that_asks_for_its_owner_waits(stand_in: StandIn) -> None:
    payment = stripe.PaymentIntent.confirm(intent().id, payment_method="pm_card_authenticationRequired")
    assert (payment.status, payment.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert stand_in.control(f"payment_intents/{payment.id}/settle", succeeded=True)["status"] == "succeeded"


def test_a_card_that_asks_for_its_owner_fails_without_them(stand_in: StandIn) -> None:
    with pytest.raises(stripe.CardError) as declined:
        intent(payment_method="pm_card_authenticationRequired", confirm=True, off_session=True)
    assert declined.value.code == "authentication_required"


@pytest.mark.parametrize(("amount", "currency"), [(49, "usd"), (29, "gbp"), (999, "mxn"), (49, "jpy")])
def test_an_amount_below_the_currencys_minimum_is_refused(stand_in: StandIn, amount: int, currency: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        intent(amount, currency)
    assert (refused.value.code, refused.value.param) == ("amount_too_small", "amount")


@pytest.mark.parametrize(("amount", "code"), [(100_000_000, "amount_too_large"), (-5, "parameter_invalid_integer")])
def test_an_amount_out_of_range_is_refused(stand_in: StandIn, amount: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        intent(amount)
    assert refused.value.code == code


def test_a_payment_without_a_method_cannot_be_confirmed(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        stripe.PaymentIntent.confirm(intent().id)
