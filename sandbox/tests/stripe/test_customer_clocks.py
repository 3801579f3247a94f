"""Test clocks: some customers live ahead of the others."""

import time

import pytest
import stripe

from .conftest import StandIn

DAY = 24 * 3600


@pytest.fixture
def clock(stand_in: StandIn) -> stripe.test_helpers.TestClock:
    return stripe.test_helpers.TestClock.create(frozen_time=int(time.time()))


@pytest.fixture
def ahead(clock: stripe.test_helpers.TestClock, starter: stripe.Price) -> stripe.Subscription:
    """A subscription of a customer of that clock, whose card fails from now on."""
    customer = stripe.Customer.create(email="ahead@example.org", test_clock=clock.id)
    card = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
    items = [{"price": starter.id}]
    bought = stripe.Subscription.create(customer=customer.id, items=items, default_payment_method=card.id)
    failing = stripe.PaymentMethod.attach("pm_card_chargeCustomerFail", customer=customer.id)
    return stripe.Subscription.modify(bought.id, default_payment_method=failing.id)


def advance(clock: stripe.test_helpers.TestClock, days: int) -> None:
    now = stripe.test_helpers.TestClock.retrieve(clock.id).frozen_time
    stripe.test_helpers.TestClock.advance(clock.id, frozen_time=now + days * DAY)


def test_a_clock_moves_its_own_customers_only(
    clock: stripe.test_helpers.TestClock, ahead: stripe.Subscription, subscription: stripe.Subscription
) -> None:
    advance(clock, 32)
    assert stripe.Subscription.retrieve(ahead.id).status == "past_due"
    assert stripe.Subscription.retrieve(subscription.id).status == "active"
    advance(clock, 30)
    assert stripe.Subscription.retrieve(ahead.id).status == "canceled"


def test_the_clock_of_all_others_leaves_its_customers_behind(
    clock: stripe.test_helpers.TestClock, ahead: stripe.Subscription, stand_in: StandIn
) -> None:
    stand_in.control("clock", months=2)
    assert stripe.Subscription.retrieve(ahead.id).status == "active"


@pytest.mark.parametrize("days", [-1, 0, 70])
def test_a_clock_does_not_go_back_or_too_far(clock: stripe.test_helpers.TestClock, days: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="two billing periods"):
        advance(clock, days)


def test_a_deleted_clock_takes_its_customers_along(
    clock: stripe.test_helpers.TestClock, ahead: stripe.Subscription
) -> None:
    clock.delete()
    assert stripe.Customer.retrieve(str(ahead.customer)).deleted
    assert stripe.Subscription.retrieve(ahead.id).status == "canceled"
