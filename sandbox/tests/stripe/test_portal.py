import pytest
import stripe

from .conftest import CANCEL_URL, StandIn, invoices_of
from .test_hosted_pages import Visitor


@pytest.fixture
def portal(stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription, pro: stripe.Price) -> Visitor:
    """Alice's portal, open in a browser."""
    visitor = Visitor()
    visitor.open(stripe.billing_portal.Session.create(customer=alice.id, return_url=CANCEL_URL).url)
    return visitor


def now(subscription: stripe.Subscription) -> stripe.Subscription:
    return stripe.Subscription.retrieve(subscription.id)


def price_of(subscription: stripe.Subscription) -> str:
    return now(subscription)["items"].data[0].price.id


def test_the_portal_shows_plan_card_and_invoices(
    portal: Visitor, subscription: stripe.Subscription, alice: stripe.Customer
) -> None:
    page = portal.shown.text
    assert "Starter, 5.00 USD" in page
    assert "4242" in page
    assert invoices_of(alice)[0].number in page
    assert f'href="{CANCEL_URL}"' in page


def test_cancelling_sets_the_date_only(portal: Visitor, subscription: stripe.Subscription) -> None:
    portal.submit("/cancel")
    ending = now(subscription)
    assert (ending.cancel_at, ending.cancel_at_period_end) == (ending["items"].data[0].current_period_end, False)
    assert ending.status == "active"


def test_the_portal_asks_for_a_reason_when_it_is_configured_to(
    subscription: stripe.Subscription, alice: stripe.Customer
) -> None:
    asked = {"enabled": True, "options": ["too_expensive", "unused"]}
    cancelling = {"enabled": True, "mode": "at_period_end", "cancellation_reason": asked}
    made = stripe.billing_portal.Configuration.create(features={"subscription_cancel": cancelling})
    visitor = Visitor()
    session = stripe.billing_portal.Session.create(customer=alice.id, configuration=made.id)
    assert "<option>unused</option>" in visitor.open(session.url)
    visitor.submit("/cancel", reason="unused")
    assert now(subscription).cancellation_details.feedback == "unused"


def test_cancelling_can_set_the_other_flag(
    stand_in: StandIn, portal: Visitor, subscription: stripe.Subscription
) -> None:
    stand_in.control("settings", portal_cancels_with="cancel_at_period_end")
    portal.submit("/cancel")
    assert now(subscription).cancel_at_period_end is True


def test_a_cancellation_can_be_taken_back(portal: Visitor, subscription: stripe.Subscription) -> None:
    portal.submit("/cancel")
    portal.open(portal.shown.url)
    portal.submit("/resume")
    assert (now(subscription).cancel_at, now(subscription).cancel_at_period_end) == (None, False)


def test_a_dearer_plan_begins_at_once_and_costs_the_difference(
    portal: Visitor, subscription: stripe.Subscription, alice: stripe.Customer, pro: stripe.Price
) -> None:
    portal.submit("/switch", price=pro.id)
    assert price_of(subscription) == pro.id
    invoice = invoices_of(alice)[-1]
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert 1390 <= invoice.amount_paid <= 1400


def test_a_cheaper_plan_begins_with_the_next_period(
    stand_in: StandIn,
    portal: Visitor,
    subscription: stripe.Subscription,
    alice: stripe.Customer,
    starter: stripe.Price,
    pro: stripe.Price,
) -> None:
    portal.submit("/switch", price=pro.id)
    portal.open(portal.shown.url)
    portal.submit("/switch", price=starter.id)
    assert price_of(subscription) == pro.id
    assert "Will change to Starter" in portal.open(portal.shown.url)
    stand_in.control("clock", months=1)
    assert price_of(subscription) == starter.id
    assert invoices_of(alice)[-1].amount_paid == 500


def test_a_planned_change_can_be_taken_back(
    stand_in: StandIn, portal: Visitor, subscription: stripe.Subscription, starter: stripe.Price, pro: stripe.Price
) -> None:
    portal.submit("/switch", price=pro.id)
    portal.open(portal.shown.url)
    portal.submit("/switch", price=starter.id)
    portal.open(portal.shown.url)
    portal.submit("/keep")
    stand_in.control("clock", months=1)
    assert price_of(subscription) == pro.id


def test_a_price_that_is_not_on_offer_is_refused(portal: Visitor, pack: stripe.Price) -> None:
    assert portal.submit("/switch", price=pack.id).status_code == 400


def test_a_new_card_pays_the_next_renewal(
    stand_in: StandIn, portal: Visitor, subscription: stripe.Subscription
) -> None:
    portal.submit("/card", card="fails")
    stand_in.control("clock", months=1)
    assert now(subscription).status == "past_due"
    portal.submit("/card", card="works")
    portal.open(portal.shown.url)
    portal.submit("/pay")
    assert now(subscription).status == "active"


def test_a_customer_cannot_touch_the_subscription_of_another(
    stand_in: StandIn, portal: Visitor, starter: stripe.Price
) -> None:
    bob = stripe.Customer.create(payment_method="pm_card_visa")
    other = stripe.Subscription.create(customer=bob.id, items=[{"price": starter.id}])
    assert portal.post(f"{portal.shown.url}/{other.id}/cancel").status_code == 404
    assert now(other).cancel_at is None


def test_a_portal_for_nobody_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        stripe.billing_portal.Session.create(customer="cus_never")
    assert missing.value.code == "resource_missing"


def configured(subscription: stripe.Subscription, *prices: stripe.Price, **changing: object) -> Visitor:
    """The portal of the subscription's customer, who may change between these prices."""
    products = [{"product": price.product, "prices": [price.id]} for price in prices]
    update = {"enabled": True, "default_allowed_updates": ["price"], "products": products, **changing}
    made = stripe.billing_portal.Configuration.create(features={"subscription_update": update})
    visitor = Visitor()
    session = stripe.billing_portal.Session.create(customer=subscription.customer, configuration=made.id)
    visitor.open(session.url)
    return visitor


def test_a_configuration_says_which_plans_are_on_offer(
    subscription: stripe.Subscription, starter: stripe.Price, pro: stripe.Price
) -> None:
    assert "Change to Pro" in configured(subscription, starter, pro).shown.text
    assert "Change to Pro" not in configured(subscription, starter).shown.text


def test_a_cheaper_plan_begins_at_once_where_no_condition_says_otherwise(
    subscription: stripe.Subscription, starter: stripe.Price, pro: stripe.Price
) -> None:
    portal = configured(subscription, starter, pro)
    for price in (pro, starter):
        portal.submit("/switch", price=price.id)
        portal.open(portal.shown.url)
    assert price_of(subscription) == starter.id


def test_a_configuration_that_names_another_products_price_is_refused(
    subscription: stripe.Subscription, starter: stripe.Price, pro: stripe.Price
) -> None:
    wrong = {"product": starter.product, "prices": [pro.id]}
    with pytest.raises(stripe.InvalidRequestError, match="no recurring price"):
        configured(subscription, products=[wrong])
