import pytest
import stripe

from .conftest import StandIn, price_of


def test_a_price_is_found_by_its_lookup_key(starter: stripe.Price, pro: stripe.Price) -> None:
    found = stripe.Price.list(lookup_keys=["pro_monthly"], expand=["data.product"]).data
    assert [(price.id, price.product.name) for price in found] == [(pro.id, "Pro")]


def test_a_lookup_key_belongs_to_one_price(starter: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        price_of("Starter 2", 600, "starter_monthly")


def test_a_lookup_key_moves_to_another_price(starter: stripe.Price) -> None:
    dearer = price_of("Starter 2", 600, "starter_monthly", transfer_lookup_key=True)
    assert [price.id for price in stripe.Price.list(lookup_keys=["starter_monthly"])] == [dearer.id]
    assert stripe.Price.retrieve(starter.id).lookup_key is None


def test_a_price_shows_amount_and_interval(starter: stripe.Price) -> None:
    assert (starter.unit_amount, int(starter.unit_amount_decimal), starter.type) == (500, 500, "recurring")
    assert (starter.recurring.interval, starter.recurring.interval_count) == ("month", 1)


def test_inactive_prices_are_listed_on_their_own(pro: stripe.Price) -> None:
    old = price_of("Old", 400, "old_monthly", active=False)
    assert [price.id for price in stripe.Price.list(active=True)] == [pro.id]
    assert [price.id for price in stripe.Price.list(active=False)] == [old.id]


def test_a_price_of_an_unknown_product_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        stripe.Price.create(product="prod_never", currency="usd", unit_amount=100)
    assert (missing.value.code, missing.value.param) == ("resource_missing", "product")


def test_a_currency_that_does_not_exist_is_refused(starter: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: usx"):
        stripe.Price.create(product=starter.product, currency="usx", unit_amount=100)


def test_a_product_can_have_an_id_of_our_own(stand_in: StandIn) -> None:
    stripe.Product.create(id="starter", name="Starter")
    assert stripe.Product.retrieve("starter").name == "Starter"
    assert stripe.Product.list_features("starter").data == []


def test_a_coupon_takes_a_percentage_or_an_amount(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="exactly one"):
        stripe.Coupon.create(percent_off=10, amount_off=100, currency="usd")
