"""Managing what was bought: our button, the portal's buttons, and what the plan and the ledger make of them."""

import re

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from tests.servers import Stack


def press_for_subscription(shopper: Shopper, button: str, **fields: str) -> None:
    """Press a button of the subscription in a newly opened portal."""
    assert shopper.press(shopper.open_portal(), f"{shopper.subscription_id()}/{button}", **fields).ok


def switch_to(shopper: Shopper, lookup_key: str) -> None:
    price = shopper.stripe.api("GET", "prices", **{"lookup_keys[0]": lookup_key})["data"][0]["id"]
    press_for_subscription(shopper, "switch", price=price)


def test_the_button_opens_ones_own_portal(alice: Shopper) -> None:
    alice.buy("starter")
    page = alice.browser.get(alice.open_portal(), timeout=60).text
    assert "Starter plan, 5.00 USD" in page
    assert "4242" in page
    assert alice.email in page
    assert f'href="{alice.site.url}/account/billing/"' in page


def test_the_portal_offers_our_plans_and_nothing_else(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    product = stripe.api("POST", "products", name="A retainer")["id"]
    stripe.api("POST", "prices", product=product, currency="usd", unit_amount=900, **{"recurring[interval]": "month"})
    page = alice.browser.get(alice.open_portal(), timeout=60).text
    assert "Change to Pro plan" in page
    assert "A retainer" not in page


def test_syncing_the_catalogue_again_changes_nothing(alice: Shopper, shop: Stack, stripe: Controls) -> None:
    alice.buy("pack_100")
    shop.manage("sync_plans")
    before = counts(stripe)
    assert shop.manage("sync_plans").strip() == "Stripe has everything already."
    assert counts(stripe) == before


def counts(stripe: Controls) -> list[int]:
    paths = ("products", "prices", "webhook_endpoints", "billing_portal/configurations")
    return [len(stripe.api("GET", path, limit=100)["data"]) for path in paths]


def test_the_portal_asks_why_one_leaves_and_operators_see_it(alice: Shopper) -> None:
    alice.buy("starter")
    assert "<option>too_expensive</option>" in alice.browser.get(alice.open_portal(), timeout=60).text
    press_for_subscription(alice, "cancel", reason="too_expensive")
    events = "SELECT e.reason FROM billing_membershipevent e JOIN billing_membership m ON m.id = e.membership_id"
    reasons = [reason for (reason,) in alice.query(events + " WHERE m.user_id = {user}")]
    assert any("too_expensive" in reason for reason in reasons)


def test_who_has_bought_nothing_has_nothing_to_manage(alice: Shopper) -> None:
    assert alice.post("portal/").headers["Location"] == "/account/billing/"
    assert "You haven’t bought anything yet" in alice.get("").text


def test_a_dearer_plan_begins_at_once(alice: Shopper) -> None:
    alice.buy("starter")
    switch_to(alice, "pro_monthly")
    assert alice.membership() == ("pro", "active")
    assert 940 <= alice.balance() - 250 <= 950


def test_a_cheaper_plan_begins_with_the_next_month(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pro")
    switch_to(alice, "starter_monthly")
    assert alice.membership() == ("pro", "active")
    assert alice.ledger() == [("plan", 1_200)]
    assert "Next plan</dt><dd>Starter" in alice.get("").text
    stripe.month_later()
    assert alice.membership() == ("starter", "active")
    assert alice.ledger() == [("plan", 1_200), ("plan", 250), ("expiry", -1_200)]
    assert "Next plan" not in alice.get("").text


def test_a_cheaper_plan_can_be_thought_better_of(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pro")
    switch_to(alice, "starter_monthly")
    press_for_subscription(alice, "keep")
    assert "Next plan" not in alice.get("").text
    stripe.month_later()
    assert alice.membership() == ("pro", "active")
    assert alice.ledger() == [("plan", 1_200), ("plan", 1_200), ("expiry", -1_200)]


@pytest.mark.parametrize("flag", ["cancel_at_period_end", "cancel_at"])
def test_a_cancelled_plan_can_be_resumed(alice: Shopper, stripe: Controls, flag: str) -> None:
    stripe.post("settings", portal_cancels_with=flag)
    alice.buy("starter")
    press_for_subscription(alice, "cancel")
    assert alice.membership() == ("starter", "ending")
    press_for_subscription(alice, "resume")
    assert alice.membership() == ("starter", "active")


@pytest.fixture
def late(alice: Shopper, stripe: Controls) -> Shopper:
    """Alice, whose renewal her card has refused, with a card that works since."""
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    stripe.month_later()
    alice.press(alice.open_portal(), "card", card="works")
    assert alice.membership() == ("starter", "past_due")
    return alice


def test_a_new_card_pays_the_open_invoice_at_the_next_attempt(late: Shopper, stripe: Controls) -> None:
    stripe.post("clock", days=4)
    stripe.settle_down()
    assert late.membership() == ("starter", "active")
    assert late.ledger() == [("plan", 250), ("plan", 250), ("expiry", -250)]


def test_a_new_card_can_pay_the_open_invoice_at_once(late: Shopper) -> None:
    late.press(late.open_portal(), "pay")
    assert late.membership() == ("starter", "active")
    assert late.ledger() == [("plan", 250), ("plan", 250), ("expiry", -250)]
    assert not re.search("payment failed", late.get("").text)


def test_a_plan_that_was_withdrawn_goes_on_bringing_what_it_was_sold_with(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    product = stripe.api("POST", "products", name="Legacy plan")["id"]
    sold = {"metadata[key]": "legacy", "metadata[lookup_key]": "legacy_monthly", "metadata[credits]": "77"}
    terms = {"currency": "usd", "unit_amount": 200, "recurring[interval]": "month", "product": product}
    price = stripe.api("POST", "prices", **terms, **sold)["id"]
    card = stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_visa")["id"]
    order = {"customer": alice.customer_id(), "items[0][price]": price, "default_payment_method": card}
    stripe.api("POST", "subscriptions", **order)
    stripe.month_later()
    assert alice.ledger() == [("pack", 100), ("plan", 77), ("plan", 77), ("expiry", -77)]
    assert alice.membership() == ("legacy", "active")
    assert alice.get("").status_code == 200


def test_the_name_and_address_set_at_stripe_stay(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    theirs = {"name": "Alice & Daughters Ltd", "email": "bills@alice.example"}
    stripe.api("POST", f"customers/{alice.customer_id()}", **theirs)
    stripe.settle_down()
    alice.open_portal()
    alice.buy("pack_100")
    customer = stripe.api("GET", f"customers/{alice.customer_id()}")
    assert {name: customer[name] for name in theirs} == theirs
