from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import stripe

from .conftest import StandIn, invoices_of

DAY = 86400


def status_of(subscription: stripe.Subscription) -> str:
    return stripe.Subscription.retrieve(subscription.id).status


def end_of(subscription: stripe.Subscription) -> int:
    return stripe.Subscription.retrieve(subscription.id)["items"].data[0].current_period_end


@pytest.fixture
def failing(stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription) -> stripe.Subscription:
    """Alice's plan on a card that is refused from now on."""
    stand_in.control(f"customers/{alice.id}/card", card="pm_card_chargeCustomerFail")
    return subscription


def test_a_month_on_the_subscription_is_renewed_and_paid(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    end = end_of(subscription)
    stand_in.control("clock", months=1)
    renewal = invoices_of(alice)[-1]
    assert (renewal.billing_reason, renewal.status, renewal.amount_paid) == ("subscription_cycle", "paid", 500)
    assert renewal.lines.data[0].period.start == end
    assert end_of(subscription) > end


def test_a_year_on_there_were_twelve_renewals(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stand_in.control("clock", months=12)
    assert [invoice.status for invoice in invoices_of(alice)] == ["paid"] * 13


def test_renewals_keep_the_day_of_the_month(stand_in: StandIn, subscription: stripe.Subscription) -> None:
    day = datetime.fromtimestamp(subscription.billing_cycle_anchor, UTC).day
    stand_in.control("clock", months=5)
    end = datetime.fromtimestamp(end_of(subscription), UTC)
    assert end.day == day or (end.day >= 28 and day > end.day)


def test_a_renewal_is_a_draft_for_an_hour(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    end = end_of(subscription)
    stand_in.control("clock", to=end)
    assert invoices_of(alice)[-1].status == "draft"
    assert end_of(subscription) > end
    stand_in.control("clock", seconds=3600)
    renewal = invoices_of(alice)[-1]
    assert (renewal.status, renewal.status_transitions.finalized_at) == ("paid", end + 3600)


def test_a_renewal_can_be_charged_at_once(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stand_in.control("settings", finalizes_at_once=True)
    stand_in.control("clock", to=end_of(subscription))
    assert invoices_of(alice)[-1].status == "paid"


def test_the_environment_can_have_renewals_charged_at_once(start_sandbox: Callable[..., Any]) -> None:
    _, url = start_sandbox(SANDBOX_STRIPE_FINALIZES_AT_ONCE="on")
    assert requests.get(f"{url}/sandbox/stripe/settings", timeout=60).json()["finalizes_at_once"] is True


def test_a_failed_renewal_is_tried_again_in_three_days(
    stand_in: StandIn, alice: stripe.Customer, failing: stripe.Subscription
) -> None:
    stand_in.control("clock", to=end_of(failing) + 3600)
    invoice = invoices_of(alice)[-1]
    assert (invoice.status, invoice.attempt_count, invoice.amount_remaining) == ("open", 1, 500)
    assert invoice.next_payment_attempt == invoice.created + 3600 + 3 * DAY
    assert status_of(failing) == "past_due"
    assert stand_in.last_event("invoice.payment_failed").data.object.id == invoice.id


def test_a_later_attempt_with_a_good_card_pays(
    stand_in: StandIn, alice: stripe.Customer, failing: stripe.Subscription
) -> None:
    stand_in.control("clock", months=1)
    stand_in.control(f"customers/{alice.id}/card", card="pm_card_visa")
    stand_in.control("clock", days=4)
    assert (invoices_of(alice)[-1].status, invoices_of(alice)[-1].attempt_count) == ("paid", 2)
    assert status_of(failing) == "active"


def test_the_customer_can_pay_at_once(stand_in: StandIn, alice: stripe.Customer, failing: stripe.Subscription) -> None:
    stand_in.control("clock", months=1)
    assert stripe.Invoice.pay(invoices_of(alice)[-1].id, payment_method="pm_card_visa").status == "paid"
    assert status_of(failing) == "active"


@pytest.mark.parametrize(("after", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")])
def test_after_the_last_attempt_the_account_decides(
    stand_in: StandIn, alice: stripe.Customer, failing: stripe.Subscription, after: str, status: str
) -> None:
    stand_in.control("settings", after_last_attempt=after)
    stand_in.control("clock", months=1)
    stand_in.control("clock", days=16)
    invoice = invoices_of(alice)[-1]
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    assert status_of(failing) == status


def test_what_happens_on_the_way_happens_at_its_own_time(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    end = end_of(subscription)
    stand_in.control("clock", months=3)
    assert invoices_of(alice)[1].created == end


def test_a_coupon_for_once_is_spent_at_the_renewal(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    stripe.Coupon.create(id="HALF", percent_off=50, duration="once")
    card = stripe.PaymentMethod.attach("pm_card_visa", customer=alice.id).id
    fields = {"discounts": [{"coupon": "HALF"}], "default_payment_method": card}
    stripe.Subscription.create(customer=alice.id, items=[{"price": starter.id}], **fields)
    stand_in.control("clock", months=1)
    assert [invoice.amount_paid for invoice in invoices_of(alice)] == [250, 500]


def test_a_yearly_price_renews_after_a_year(stand_in: StandIn, pro: stripe.Price) -> None:
    bob = stripe.Customer.create(payment_method="pm_card_visa")
    yearly = stripe.Price.create(product=pro.product, currency="usd", unit_amount=19000, recurring={"interval": "year"})
    stripe.Subscription.create(customer=bob.id, items=[{"price": yearly.id}])
    stand_in.control("clock", months=11)
    assert len(invoices_of(bob)) == 1
    # In the last hour of a month's 30th, the clock above has come to the 31st, and a month later is the 30th again.
    stand_in.control("clock", months=1, days=1)
    assert len(invoices_of(bob)) == 2


def test_a_renewal_is_announced_once_a_week_before(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stand_in.control("clock", to=end_of(subscription) - 6 * DAY)
    assert stand_in.event_types().count("invoice.upcoming") == 1
    upcoming = stand_in.last_event("invoice.upcoming").data.object
    assert (upcoming.amount_due, upcoming.customer) == (500, alice.id)
    assert "id" not in upcoming


def test_the_end_of_a_cancelled_subscription_is_not_announced_as_a_renewal(
    stand_in: StandIn, subscription: stripe.Subscription
) -> None:
    stripe.Subscription.modify(subscription.id, cancel_at_period_end=True)
    stand_in.control("clock", to=end_of(subscription) - 6 * DAY)
    assert "invoice.upcoming" not in stand_in.event_types()
