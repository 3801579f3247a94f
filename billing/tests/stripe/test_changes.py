"""Changes at Stripe that bring credits: upgrades under coupons, another billing date, the end of a trial."""

import pytest

from billing.tests.stripe.shop import Controls, Shopper


def buy_with_coupon(shopper: Shopper, **terms: object) -> None:
    """Subscribe to Starter with a promotion code."""
    stripe, page = shopper.stripe, shopper.open_page("starter")
    coupon = stripe.api("POST", "coupons", **terms)["id"]
    code = f"LESS{page[-8:]}"
    promotion = {"promotion[coupon]": coupon, "promotion[type]": "coupon", "code": code}
    stripe.api("POST", "promotion_codes", **promotion)
    assert shopper.press(f"{stripe.url}/stripe/checkout/{page}", "code", code=code).ok
    shopper.pay(page)
    stripe.settle_down()


def change(shopper: Shopper, **terms: object) -> None:
    shopper.stripe.api("POST", f"subscriptions/{shopper.subscription_id()}", **terms)
    shopper.stripe.settle_down()


def go_to_the_middle(shopper: Shopper) -> None:
    """Move Stripe's clock to the middle of the paid period."""
    subscription = shopper.stripe.api("GET", f"subscriptions/{shopper.subscription_id()}")
    item = subscription["items"]["data"][0]
    shopper.stripe.post("clock", to=(item["current_period_start"] + item["current_period_end"]) // 2)


@pytest.mark.parametrize("terms", [(50, "forever"), (50, "once"), (100, "once"), (100, "forever")])
def test_an_upgrade_brings_its_whole_share_under_a_coupon(alice: Shopper, terms: tuple[int, str]) -> None:
    buy_with_coupon(alice, percent_off=terms[0], duration=terms[1])
    go_to_the_middle(alice)
    item = alice.stripe.api("GET", f"subscriptions/{alice.subscription_id()}")["items"]["data"][0]["id"]
    pro = alice.stripe.api("GET", "prices", **{"lookup_keys[0]": "pro_monthly"})["data"][0]["id"]
    change(alice, proration_behavior="always_invoice", **{"items[0][id]": item, "items[0][price]": pro})
    assert alice.membership() == ("pro", "active")
    assert alice.ledger()[0] == ("plan", 250)
    assert 473 <= alice.balance() - 250 <= 475


def test_a_reset_of_the_billing_date_brings_a_month_for_what_it_costs(alice: Shopper) -> None:
    alice.buy("starter")
    go_to_the_middle(alice)
    change(alice, billing_cycle_anchor="now", proration_behavior="always_invoice")
    assert 124 <= alice.balance() - 250 <= 126


def test_a_reset_that_credits_nothing_brings_a_whole_month(alice: Shopper) -> None:
    alice.buy("starter")
    go_to_the_middle(alice)
    change(alice, billing_cycle_anchor="now", proration_behavior="none")
    assert alice.ledger() == [("plan", 250), ("plan", 250)]


@pytest.mark.parametrize("is_early", [True, False])
def test_the_end_of_a_trial_brings_the_first_month(alice: Shopper, stripe: Controls, is_early: bool) -> None:
    alice.buy("pack_100")
    card = stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_visa")["id"]
    price = stripe.api("GET", "prices", **{"lookup_keys[0]": "starter_monthly"})["data"][0]["id"]
    order = {"customer": alice.customer_id(), "items[0][price]": price, "default_payment_method": card}
    stripe.api("POST", "subscriptions", trial_period_days=14, **order)
    stripe.settle_down()
    assert alice.ledger() == [("pack", 100)]
    assert alice.membership() == ("starter", "active")
    if is_early:
        change(alice, trial_end="now")
    else:
        stripe.post("clock", days=15)
        stripe.settle_down()
    assert alice.ledger() == [("pack", 100), ("plan", 250)]


def test_the_dearer_of_two_subscriptions_gives_the_plan_until_it_ends(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pro")
    card = stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_visa")["id"]
    price = stripe.api("GET", "prices", **{"lookup_keys[0]": "starter_monthly"})["data"][0]["id"]
    order = {"customer": alice.customer_id(), "items[0][price]": price, "default_payment_method": card}
    stripe.api("POST", "subscriptions", **order)
    stripe.settle_down()
    assert alice.membership() == ("pro", "active")
    assert alice.ledger() == [("plan", 1_200), ("plan", 250)]
    stripe.api("DELETE", f"subscriptions/{alice.subscription_id()}")
    stripe.settle_down()
    assert alice.membership() == ("starter", "active")
