import pytest
import stripe

from .conftest import StandIn, bought


@pytest.fixture
def payment(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> stripe.PaymentIntent:
    return bought(stand_in, alice, pack)


def charge_of(payment: stripe.PaymentIntent) -> stripe.Charge:
    return stripe.Charge.retrieve(payment.latest_charge, expand=["refunds"])


def test_a_full_refund_gives_everything_back(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    refund = stripe.Refund.create(payment_intent=payment.id, reason="requested_by_customer")
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 300, payment.latest_charge)
    assert charge_of(payment).refunded
    assert stand_in.event_types()[-3:] == ["refund.created", "refund.updated", "charge.refunded"]


def test_partial_refunds_add_up(payment: stripe.PaymentIntent) -> None:
    for amount in (100, 50):
        stripe.Refund.create(payment_intent=payment.id, amount=amount)
    charge = charge_of(payment)
    assert (charge.amount_refunded, charge.refunded) == (150, False)
    assert [refund.amount for refund in charge.refunds] == [50, 100]


def test_no_more_than_was_paid_is_given_back(payment: stripe.PaymentIntent) -> None:
    stripe.Refund.create(payment_intent=payment.id, amount=200)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        stripe.Refund.create(payment_intent=payment.id, amount=200)


def test_nothing_is_given_back_twice(payment: stripe.PaymentIntent) -> None:
    stripe.Refund.create(charge=payment.latest_charge)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Refund.create(charge=payment.latest_charge)
    assert refused.value.code == "charge_already_refunded"


def test_a_refund_needs_to_know_of_what(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Refund.create(amount=100)
    assert refused.value.code == "parameter_missing"


def test_a_refund_can_fail_later(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    refund = stripe.Refund.create(payment_intent=payment.id)
    stand_in.control(f"refunds/{refund.id}/fail")
    assert stripe.Refund.retrieve(refund.id).status == "failed"
    assert charge_of(payment).amount_refunded == 0
    assert stand_in.event_types()[-1] == "refund.failed"


def test_a_dispute_takes_the_money(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    dispute = stand_in.control(f"charges/{payment.latest_charge}/dispute")
    seen = stripe.Dispute.retrieve(dispute["id"])
    assert (seen.status, seen.amount, seen.payment_intent) == ("needs_response", 300, payment.id)
    assert charge_of(payment).disputed
    assert {"charge.dispute.created", "charge.dispute.funds_withdrawn"} <= set(stand_in.event_types())


def test_a_won_dispute_brings_the_money_back(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    dispute = stand_in.control(f"charges/{payment.latest_charge}/dispute")
    stand_in.control(f"disputes/{dispute['id']}/decide", succeeded=True)
    assert stripe.Dispute.retrieve(dispute["id"]).status == "won"
    assert stand_in.event_types()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_a_dispute_can_be_lost(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    dispute = stand_in.control(f"charges/{payment.latest_charge}/dispute", reason="product_not_received")
    assert stand_in.control(f"disputes/{dispute['id']}/decide", succeeded=False)["status"] == "lost"
    assert stand_in.event_types()[-1] == "charge.dispute.closed"


def test_a_disputed_charge_is_not_refunded(stand_in: StandIn, payment: stripe.PaymentIntent) -> None:
    stand_in.control(f"charges/{payment.latest_charge}/dispute")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Refund.create(payment_intent=payment.id)
    assert refused.value.code == "charge_disputed"
