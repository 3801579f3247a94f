import pytest
import stripe

from .conftest import StandIn, invoices_of


def begun(customer: stripe.Customer, price: stripe.Price, **fields: object) -> stripe.Subscription:
    return stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}], **fields)


def item_of(subscription: stripe.Subscription) -> stripe.SubscriptionItem:
    return stripe.Subscription.retrieve(subscription.id)["items"].data[0]


def test_the_period_is_on_the_items(subscription: stripe.Subscription) -> None:
    item = item_of(subscription)
    assert 28 * 86400 <= item.current_period_end - item.current_period_start <= 31 * 86400
    assert "current_period_end" not in subscription


def test_a_subscription_is_active_when_its_first_invoice_is_paid(bob: stripe.Customer, starter: stripe.Price) -> None:
    subscription = begun(bob, starter)
    assert stripe.Subscription.retrieve(subscription.id).status == "active"
    invoice = invoices_of(bob)[0]
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.lines.data[0].pricing.price_details.price == starter.id


def test_without_a_card_a_subscription_stays_incomplete(alice: stripe.Customer, starter: stripe.Price) -> None:
    assert begun(alice, starter).status == "incomplete"


def test_an_incomplete_subscription_expires_within_a_day(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    subscription = begun(alice, starter)
    stand_in.control("clock", days=1)
    assert stripe.Subscription.retrieve(subscription.id).status == "incomplete_expired"
    assert invoices_of(alice)[0].status == "void"


def test_a_card_that_must_work_leaves_nothing_behind(alice: stripe.Customer, starter: stripe.Price) -> None:
    with pytest.raises(stripe.CardError):
        begun(alice, starter, payment_behavior="error_if_incomplete")
    assert stripe.Subscription.list(customer=alice.id).data == []


def test_an_upgrade_is_charged_by_the_second(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription, pro: stripe.Price
) -> None:
    stand_in.control(
        "clock", to=(item_of(subscription).current_period_start + item_of(subscription).current_period_end) // 2
    )
    items = [{"id": item_of(subscription).id, "price": pro.id}]
    stripe.Subscription.modify(subscription.id, items=items, proration_behavior="always_invoice")
    invoice = invoices_of(alice)[-1]
    assert [line.amount for line in invoice.lines] == [-250, 950]
    assert (invoice.amount_paid, invoice.billing_reason) == (700, "subscription_update")


def test_an_upgrade_has_the_previous_values(
    stand_in: StandIn, subscription: stripe.Subscription, starter: stripe.Price, pro: stripe.Price
) -> None:
    stripe.Subscription.modify(subscription.id, items=[{"id": item_of(subscription).id, "price": pro.id}])
    event = stand_in.last_event("customer.subscription.updated")
    assert event.data.previous_attributes["items"].data[0].price.id == starter.id
    assert event.data.object["items"].data[0].price.id == pro.id


def test_prorations_can_wait_for_the_renewal(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription, pro: stripe.Price
) -> None:
    stripe.Subscription.modify(subscription.id, items=[{"id": item_of(subscription).id, "price": pro.id}])
    assert len(invoices_of(alice)) == 1
    stand_in.control("clock", months=1)
    renewal = invoices_of(alice)[-1]
    assert renewal.amount_paid == sum(line.amount for line in renewal.lines)
    assert 3250 < renewal.amount_paid <= 3300


def test_an_upgrade_that_is_declined_changes_nothing(
    stand_in: StandIn,
    alice: stripe.Customer,
    subscription: stripe.Subscription,
    starter: stripe.Price,
    pro: stripe.Price,
) -> None:
    stand_in.control(f"customers/{alice.id}/card", card="pm_card_chargeCustomerFail")
    items, rest = [{"id": item_of(subscription).id, "price": pro.id}], {"payment_behavior": "error_if_incomplete"}
    with pytest.raises(stripe.CardError):
        stripe.Subscription.modify(subscription.id, items=items, proration_behavior="always_invoice", **rest)
    assert item_of(subscription).price.id == starter.id
    now = stripe.Subscription.retrieve(subscription.id)
    assert (now.status, now.latest_invoice) == ("active", subscription.latest_invoice)


def test_a_downgrade_now_is_credited(alice: stripe.Customer, subscription: stripe.Subscription) -> None:
    product = stripe.Product.create(name="Tiny")
    tiny = stripe.Price.create(product=product.id, currency="usd", unit_amount=100, recurring={"interval": "month"})
    items = [{"id": item_of(subscription).id, "price": tiny.id}]
    stripe.Subscription.modify(subscription.id, items=items, proration_behavior="always_invoice")
    assert invoices_of(alice)[-1].total == stripe.Customer.retrieve(alice.id).balance == -400


@pytest.mark.parametrize("by_flag", [True, False])
def test_a_cancelled_subscription_ends_with_its_period(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription, by_flag: bool
) -> None:
    end = item_of(subscription).current_period_end
    stripe.Subscription.modify(subscription.id, **({"cancel_at_period_end": True} if by_flag else {"cancel_at": end}))
    assert stripe.Subscription.retrieve(subscription.id).status == "active"
    stand_in.control("clock", months=1)
    ended = stripe.Subscription.retrieve(subscription.id)
    assert (ended.status, ended.ended_at, ended.cancel_at) == ("canceled", end, end)
    assert stand_in.event_types()[-1] == "customer.subscription.deleted"
    assert len(invoices_of(alice)) == 1


def test_a_cancellation_has_both_flags(stand_in: StandIn, subscription: stripe.Subscription) -> None:
    stripe.Subscription.modify(subscription.id, cancel_at_period_end=True)
    before = stand_in.last_event("customer.subscription.updated").data.previous_attributes.to_dict()
    assert (before["cancel_at_period_end"], before["cancel_at"]) == (False, None)


def test_a_resumed_subscription_goes_on(stand_in: StandIn, subscription: stripe.Subscription) -> None:
    stripe.Subscription.modify(subscription.id, cancel_at_period_end=True)
    resumed = stripe.Subscription.modify(subscription.id, cancel_at_period_end=False)
    assert (resumed.cancel_at, resumed.canceled_at) == (None, None)
    stand_in.control("clock", months=1)
    assert stripe.Subscription.retrieve(subscription.id).status == "active"


def test_a_subscription_can_end_at_once(stand_in: StandIn, subscription: stripe.Subscription) -> None:
    assert stripe.Subscription.cancel(subscription.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Subscription.modify(subscription.id, cancel_at_period_end=False)


def test_ended_subscriptions_are_listed_when_asked_for(
    alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stripe.Subscription.cancel(subscription.id)
    assert stripe.Subscription.list(customer=alice.id).data == []
    assert len(stripe.Subscription.list(customer=alice.id, status="all").data) == 1


def test_a_one_time_price_cannot_be_subscribed_to(bob: stripe.Customer, pack: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="type=recurring"):
        begun(bob, pack)
