import pytest
import stripe

from .conftest import StandIn


def test_a_customer_keeps_what_it_was_made_with(alice: stripe.Customer) -> None:
    found = stripe.Customer.retrieve(alice.id)
    assert (found.email, found.name, found.metadata["user"]) == ("alice@example.org", "Alice", "1")
    assert found.livemode is False


def test_metadata_are_merged_and_emptied_key_by_key(alice: stripe.Customer) -> None:
    stripe.Customer.modify(alice.id, metadata={"plan": "pro"})
    changed = stripe.Customer.modify(alice.id, metadata={"user": ""})
    assert changed.metadata.to_dict() == {"plan": "pro"}


def test_an_empty_value_empties_a_field(alice: stripe.Customer) -> None:
    assert stripe.Customer.modify(alice.id, name="").name is None


def test_a_change_has_the_previous_values(stand_in: StandIn, alice: stripe.Customer) -> None:
    stripe.Customer.modify(alice.id, email="new@example.org")
    event = stand_in.last_event("customer.updated")
    assert event.data.previous_attributes.to_dict() == {"email": "alice@example.org"}
    assert event.data.object.email == "new@example.org"


def test_a_change_to_the_same_value_has_no_previous_values(stand_in: StandIn, alice: stripe.Customer) -> None:
    stripe.Customer.modify(alice.id, name="Alice")
    assert stand_in.event_types() == ["customer.created"]


def test_a_deleted_customer_is_answered_as_deleted(alice: stripe.Customer) -> None:
    assert stripe.Customer.delete(alice.id).deleted
    assert stripe.Customer.retrieve(alice.id).deleted is True
    assert stripe.Customer.list().data == []


def test_a_deleted_customer_can_buy_nothing(alice: stripe.Customer, starter: stripe.Price) -> None:
    stripe.Customer.delete(alice.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Subscription.create(customer=alice.id, items=[{"price": starter.id}])
    assert (refused.value.code, refused.value.param, refused.value.http_status) == ("resource_missing", "customer", 400)


def test_deleting_a_customer_ends_their_subscription(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stripe.Customer.delete(alice.id)
    assert stripe.Subscription.retrieve(subscription.id).status == "canceled"
    assert stand_in.event_types()[-2:] == ["customer.subscription.deleted", "customer.deleted"]


def test_a_customer_that_never_was_is_not_found(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        stripe.Customer.retrieve("cus_never")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


def test_customers_are_found_by_their_address(alice: stripe.Customer) -> None:
    stripe.Customer.create(email="bob@example.org")
    assert [found.id for found in stripe.Customer.list(email="alice@example.org")] == [alice.id]


def test_a_card_becomes_the_default(alice: stripe.Customer) -> None:
    method = stripe.PaymentMethod.attach("pm_card_visa", customer=alice.id)
    changed = stripe.Customer.modify(alice.id, invoice_settings={"default_payment_method": method.id})
    assert changed.invoice_settings.default_payment_method == method.id
    assert stripe.PaymentMethod.retrieve(method.id).card.last4 == "4242"


def test_a_card_that_is_declined_cannot_be_saved(alice: stripe.Customer) -> None:
    with pytest.raises(stripe.CardError) as declined:
        stripe.PaymentMethod.attach("pm_card_chargeDeclined", customer=alice.id)
    assert (declined.value.code, declined.value.error.decline_code) == ("card_declined", "generic_decline")


def test_the_account_can_be_retrieved(stand_in: StandIn) -> None:
    assert stripe.Account.retrieve().charges_enabled
