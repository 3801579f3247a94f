"""Renewing, failing to pay, cancelling and changing the plan; the stand-in's clock is moved on."""

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from tests.inside import Inside

#: A month's credits replace those of the month before.
REPLACED = [("plan", 250), ("expiry", -250)]


@pytest.mark.on_both
def test_each_months_credits_replace_the_last_ones(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.month_later()
    stripe.month_later()
    assert alice.ledger() == [("plan", 250), *REPLACED, *REPLACED]
    assert alice.membership() == ("starter", "active")


def test_a_declined_renewal_brings_nothing_and_warns(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    stripe.month_later()
    assert alice.ledger() == [("plan", 250)]
    assert alice.membership() == ("starter", "past_due")
    assert "Your last payment failed" in alice.get("").text
    assert "Pay</a>" in alice.get("").text
    assert "Your payment failed" in alice.mails()


@pytest.mark.on_both
def test_a_declined_renewal_that_is_paid_later_brings_its_credits(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    stripe.month_later()
    invoice = stripe.api("GET", "invoices", customer=alice.customer_id(), status="open")["data"][0]
    stripe.api("POST", f"invoices/{invoice['id']}/pay", payment_method="pm_card_visa")
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250), *REPLACED]
    assert alice.membership() == ("starter", "active")


def test_a_renewal_that_is_never_paid_ends_the_plan(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    stripe.month_later()
    stripe.post("clock", days=20)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]
    assert alice.membership() == ("starter", "ended")


@pytest.mark.on_both
@pytest.mark.parametrize("flag", ["cancel_at_period_end", "cancel_at"])
def test_a_cancelled_plan_goes_on_until_its_end_and_is_charged_no_more(
    alice: Shopper, stripe: Controls, flag: str
) -> None:
    alice.buy("starter")
    value = {"cancel_at_period_end": "true", "cancel_at": "min_period_end"}[flag]
    stripe.api("POST", f"subscriptions/{alice.subscription_id()}", **{flag: value})
    stripe.settle_down()
    assert alice.membership() == ("starter", "ending")
    assert "Your subscription is ending" in alice.mails()
    stripe.month_later()
    assert alice.membership() == ("starter", "ended")
    assert alice.ledger() == [("plan", 250)]


def test_a_cancellation_that_is_taken_back_changes_nothing(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    for value in ("true", "false"):
        stripe.api("POST", f"subscriptions/{alice.subscription_id()}", cancel_at_period_end=value)
        stripe.settle_down()
    assert alice.membership() == ("starter", "active")
    stripe.month_later()
    assert alice.ledger() == [("plan", 250), *REPLACED]


def test_whoever_has_a_plan_cannot_buy_a_second_one(alice: Shopper) -> None:
    alice.buy("starter")
    answer = alice.post("checkout/", product="pro")
    assert answer.status_code == 302
    assert "You already have a plan" in alice.get("").text


def test_a_second_tab_closes_the_payment_page_of_the_first(alice: Shopper, stripe: Controls) -> None:
    first, second = alice.open_page("starter"), alice.open_page("pro")
    assert stripe.api("GET", f"checkout/sessions/{first}")["status"] == "expired"
    alice.pay(second)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 1_200)]


def test_an_upgrade_brings_the_share_of_the_month_that_was_paid_for(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    subscription = stripe.api("GET", f"subscriptions/{alice.subscription_id()}")
    item, pro = subscription["items"]["data"][0]["id"], stripe.api("GET", "prices", **{"lookup_keys[0]": "pro_monthly"})
    change = {"items[0][id]": item, "items[0][price]": pro["data"][0]["id"], "proration_behavior": "always_invoice"}
    stripe.api("POST", f"subscriptions/{subscription['id']}", **change)
    stripe.settle_down()
    assert alice.membership() == ("pro", "active")
    kinds = [kind for kind, _ in alice.ledger()]
    assert kinds == ["plan", "plan"]
    assert 940 <= alice.balance() - 250 <= 950


def change_plan(inside: Inside, shopper: Shopper, plan: str) -> None:
    """Do what the operators' action does."""
    inside.run(f"change_paid_plan('{shopper.email}', '{plan}')")


def test_an_operator_changes_what_is_paid(alice: Shopper, inside: Inside) -> None:
    alice.buy("starter")
    change_plan(inside, alice, "pro")
    assert alice.membership() == ("pro", "active")
    assert 940 <= alice.balance() - 250 <= 950
    before = len(alice.charges())
    change_plan(inside, alice, "starter")
    alice.stripe.settle_down()
    assert alice.membership() == ("starter", "active")
    assert len(alice.charges()) == before


@pytest.mark.parametrize("way", [{"cancel_at_period_end": "true"}, {"cancel_at": "min_period_end"}])
def test_an_operators_choice_renews_a_subscription_that_ends(
    alice: Shopper, stripe: Controls, inside: Inside, way: dict[str, str]
) -> None:
    alice.buy("starter")
    stripe.api("POST", f"subscriptions/{alice.subscription_id()}", **way)
    stripe.settle_down()
    assert alice.membership() == ("starter", "ending")
    change_plan(inside, alice, "starter")
    assert alice.membership() == ("starter", "active")


def test_an_operators_upgrade_is_refused_with_the_card(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    with pytest.raises(RuntimeError, match="declined"):
        change_plan(inside, alice, "pro")
    stripe.settle_down()
    assert alice.membership() == ("starter", "active")
    assert alice.ledger() == [("plan", 250)]
