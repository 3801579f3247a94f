"""Free trials before the first paid period."""

import pytest
import requests
import stripe

from .conftest import StandIn, invoices_of, visit

DAY = 86400


def now(subscription: stripe.Subscription) -> stripe.Subscription:
    return stripe.Subscription.retrieve(subscription.id)


def on_trial(customer: stripe.Customer, price: stripe.Price, **fields: object) -> stripe.Subscription:
    return stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}], trial_period_days=14, **fields)


def test_a_trial_begins_with_an_invoice_for_nothing(bob: stripe.Customer, starter: stripe.Price) -> None:
    trial = on_trial(bob, starter)
    assert (trial.status, trial.trial_end - trial.trial_start) == ("trialing", 14 * DAY)
    assert trial["items"].data[0].current_period_end == trial.trial_end
    (invoice,) = invoices_of(bob)
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("paid", 0, "subscription_create")
    assert (invoice.lines.data[0].amount, invoice.lines.data[0].period.end) == (0, trial.trial_end)


def test_the_first_paid_period_begins_when_a_trial_ends(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price
) -> None:
    trial = on_trial(bob, starter)
    stand_in.control("clock", to=trial.trial_end + 3600)
    invoice = invoices_of(bob)[-1]
    assert (now(trial).status, invoice.status, invoice.amount_paid) == ("active", "paid", 500)
    assert (invoice.billing_reason, invoice.lines.data[0].period.start) == ("subscription_cycle", trial.trial_end)


def test_the_end_of_a_trial_is_announced_three_days_before(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price
) -> None:
    trial = on_trial(bob, starter)
    assert "customer.subscription.trial_will_end" not in stand_in.event_types()
    stand_in.control("clock", to=trial.trial_end - 3 * DAY)
    assert stand_in.last_event("customer.subscription.trial_will_end").data.object.id == trial.id


@pytest.mark.parametrize(
    ("wanted", "status"), [("create_invoice", "past_due"), ("cancel", "canceled"), ("pause", "paused")]
)
def test_a_trial_without_a_card_ends_as_its_settings_say(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, wanted: str, status: str
) -> None:
    trial = on_trial(alice, starter, trial_settings={"end_behavior": {"missing_payment_method": wanted}})
    stand_in.control("clock", days=15)
    assert now(trial).status == status


def test_a_trial_can_be_ended_now(bob: stripe.Customer, starter: stripe.Price) -> None:
    trial = on_trial(bob, starter)
    stripe.Subscription.modify(trial.id, trial_end="now")
    assert now(trial).status == "active"
    assert [invoice.amount_paid for invoice in invoices_of(bob)] == [0, 500]


def test_a_trial_can_be_extended(stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price) -> None:
    trial = on_trial(bob, starter)
    later = trial.trial_end + 10 * DAY
    stripe.Subscription.modify(trial.id, trial_end=later)
    stand_in.control("clock", to=trial.trial_end + 3600)
    assert (now(trial).status, now(trial)["items"].data[0].current_period_end) == ("trialing", later)
    stand_in.control("clock", to=later + 3600)
    assert now(trial).status == "active"


def test_another_plan_during_a_trial_costs_nothing_yet(
    bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    trial = on_trial(bob, starter)
    items = [{"id": trial["items"].data[0].id, "price": pro.id}]
    stripe.Subscription.modify(trial.id, items=items, proration_behavior="always_invoice")
    assert len(invoices_of(bob)) == 1


def test_a_cancelled_trial_is_never_charged(stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price) -> None:
    trial = on_trial(bob, starter)
    stripe.Subscription.modify(trial.id, cancel_at_period_end=True)
    stand_in.control("clock", days=15)
    assert now(trial).status == "canceled"
    assert [invoice.total for invoice in invoices_of(bob)] == [0]


def test_a_payment_page_starts_a_trial(stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price) -> None:
    session = visit(alice, starter, subscription_data={"trial_period_days": 7})
    assert (session.amount_total, "free until" in requests.get(session.url, timeout=60).text) == (0, True)
    assert stand_in.pay(session)
    session = stripe.checkout.Session.retrieve(session.id, expand=["subscription"])
    assert (session.payment_status, session.subscription.status) == ("no_payment_required", "trialing")
    stand_in.control("clock", days=8)
    assert invoices_of(alice)[-1].amount_paid == 500


def test_a_payment_page_can_start_a_trial_without_a_card(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    trial = {"trial_period_days": 7, "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}}
    session = visit(alice, starter, subscription_data=trial, payment_method_collection="if_required")
    assert stand_in.pay(session, "")
    subscription = stripe.Subscription.retrieve(stripe.checkout.Session.retrieve(session.id).subscription)
    assert (subscription.status, subscription.default_payment_method) == ("trialing", None)


def test_a_coupon_for_once_waits_for_the_end_of_the_trial(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price
) -> None:
    stripe.Coupon.create(id="HALF", percent_off=50, duration="once")
    on_trial(bob, starter, discounts=[{"coupon": "HALF"}])
    stand_in.control("clock", days=60)
    assert [invoice.amount_paid for invoice in invoices_of(bob)] == [0, 250, 500]
