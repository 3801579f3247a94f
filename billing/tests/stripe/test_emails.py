"""Emails about what happens to payments and plans: each fact once, however many events report it."""

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from billing.tests.stripe.test_portal import switch_to


def test_a_renewal_that_needs_the_customers_confirmation_is_one_email(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_authenticationRequired")
    stripe.month_later()
    assert [mail for mail in alice.mails() if "ayment" in mail] == ["Confirm your payment"]
    stripe.post("clock", days=3)
    stripe.settle_down()
    assert [mail for mail in alice.mails() if "ayment" in mail] == ["Confirm your payment"] * 2


@pytest.mark.on_both
def test_a_refund_is_emailed_once_and_shown_on_the_invoice(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.api("POST", "refunds", charge=alice.charges()[0]["id"], amount=200)
    stripe.settle_down()
    assert "Partly refunded" in alice.get("").text
    stripe.api("POST", "refunds", charge=alice.charges()[0]["id"])
    stripe.post("deliveries/replay", type="charge.refunded")
    stripe.settle_down()
    assert sorted(alice.mails()) == ["Receipt: 250 credits", "Refund: $2.00", "Refund: $3.00"]
    assert "Refunded</td>" in alice.get("").text


@pytest.mark.parametrize(
    ("won", "decision", "shown"),
    [
        (True, "Your credits are back", "Paid</td>"),
        (False, "Your bank returned your payment of $5.00", "Disputed</td>"),
    ],
)
def test_a_dispute_is_emailed_when_it_opens_and_when_it_is_decided(
    alice: Shopper, stripe: Controls, won: bool, decision: str, shown: str
) -> None:
    alice.buy("starter")
    dispute = stripe.post(f"charges/{alice.charges()[0]['id']}/dispute")
    stripe.settle_down()
    assert "Disputed</td>" in alice.get("").text
    stripe.post(f"disputes/{dispute['id']}/decide", succeeded=won)
    stripe.settle_down()
    assert sorted(alice.mails()) == sorted(["Receipt: 250 credits", "You disputed a payment of $5.00", decision])
    assert shown in alice.get("").text


def test_a_cancellation_that_is_taken_back_is_emailed(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    for value in ("true", "false"):
        stripe.api("POST", f"subscriptions/{alice.subscription_id()}", cancel_at_period_end=value)
        stripe.settle_down()
    ours = ["Receipt: 250 credits", "Your subscription continues", "Your subscription is ending"]
    assert sorted(alice.mails()) == ours


def test_changes_of_the_plan_are_emailed(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    portal = alice.open_portal()
    switch = f"{alice.subscription_id()}/switch"
    prices = {
        key: stripe.api("GET", "prices", **{"lookup_keys[0]": key})["data"][0]["id"]
        for key in ("starter_monthly", "pro_monthly")
    }
    alice.press(portal, switch, price=prices["pro_monthly"])
    assert "You’re on the Pro plan now" in alice.mails()
    alice.press(portal, switch, price=prices["starter_monthly"])
    assert "Your plan will change to Starter" in alice.mails()
    stripe.month_later()
    assert "You’re on the Starter plan now" in alice.mails()


def test_a_change_to_yearly_payment_is_emailed(alice: Shopper) -> None:
    alice.buy("starter")
    switch_to(alice, "starter_yearly")
    assert "You’re on the Starter (yearly) plan now" in alice.mails()


def test_a_card_that_expires_before_the_renewal_is_emailed(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card/expire")
    stripe.post("clock", days=24.5)
    stripe.settle_down()
    assert sorted(alice.mails()) == ["Receipt: 250 credits", "Your card expires before your next payment"]


def test_a_yearly_renewal_is_emailed_a_week_before(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    metadata = {"metadata[key]": "starter", "metadata[lookup_key]": "starter_monthly", "metadata[credits]": "250"}
    yearly = {"product": "images_in_bulk_starter", "currency": "usd", "unit_amount": 5_000}
    price = stripe.api("POST", "prices", **yearly, **metadata, **{"recurring[interval]": "year"})["id"]
    card = stripe.api("POST", "payment_methods/pm_card_visa/attach", customer=alice.customer_id())["id"]
    # The trial stands for the first year: moving the clock so far would renew everybody's plan twelve times.
    terms = {"items[0][price]": price, "default_payment_method": card, "trial_period_days": 9}
    stripe.api("POST", "subscriptions", customer=alice.customer_id(), **terms)
    stripe.post("clock", days=3)
    stripe.settle_down()
    receipt, renewal = sorted(alice.mails())
    assert receipt == "Receipt: 100 credits"
    assert renewal.startswith("Your plan renews on ")
