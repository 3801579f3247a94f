"""Payments that take days: shown as under way, paid or failed, each reported once."""

import pytest

from billing.tests.stripe.shop import Controls, Shopper

DEBIT, FAILING_DEBIT = "pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"


def days_later(stripe: Controls, days: int = 5) -> None:
    stripe.post("clock", days=days)
    stripe.settle_down()


@pytest.mark.on_both
def test_a_plan_begins_when_its_debit_has_arrived(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter", card=DEBIT)
    assert alice.membership() == ("", "")
    page = alice.get("").text
    assert "under way since" in page
    assert "Pay</a>" not in page
    days_later(stripe)
    assert alice.membership() == ("starter", "active")
    assert alice.ledger() == [("plan", 250)]
    assert "under way since" not in alice.get("").text
    assert alice.mails() == ["Receipt: 250 credits"]


@pytest.mark.on_both
def test_a_plan_whose_debit_fails_does_not_begin_and_can_be_paid_in_another_way(
    alice: Shopper, stripe: Controls
) -> None:
    alice.buy("starter", card=FAILING_DEBIT)
    days_later(stripe)
    assert (alice.membership(), alice.ledger()) == (("", ""), [])
    assert alice.mails() == ["Your bank debit failed"]
    page = alice.get("").text
    assert "Your bank refused the payment of $5.00 for “Starter plan”" in page
    assert "Pay</a>" in page
    invoice = stripe.api("GET", "invoices", customer=alice.customer_id())["data"][0]
    stripe.api("POST", f"invoices/{invoice['id']}/pay", payment_method="pm_card_visa")
    stripe.settle_down()
    assert alice.membership() == ("starter", "active")
    assert "refused" not in alice.get("").text


def test_a_pack_whose_debit_fails_is_reported_once(alice: Shopper, stripe: Controls) -> None:
    page = alice.buy("pack_100", card=FAILING_DEBIT)
    assert "under way since" in alice.get("").text
    days_later(stripe)
    stripe.replay(alice.customer_id())
    stripe.settle_down()
    alice.return_from(page["id"])
    assert alice.mails() == ["Your bank debit failed"]
    assert "Your bank refused the payment of $3.00 for “100 credits”" in alice.get("").text
    alice.buy("pack_100")
    assert "refused" not in alice.get("").text


def test_a_failure_is_reported_though_its_events_come_in_any_order(alice: Shopper, stripe: Controls) -> None:
    stripe.deliver(withhold=True)
    alice.pay(alice.open_page("starter"), FAILING_DEBIT)
    stripe.post("clock", days=5)
    stripe.deliver(withhold=False, shuffle=True, copies=2, workers=8)
    stripe.settle_down()
    assert alice.mails() == ["Your bank debit failed"]
    assert alice.membership() == ("", "")


def test_a_renewal_by_debit_is_under_way_and_the_plan_goes_on(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card=DEBIT)
    stripe.month_later()
    page = alice.get("").text
    assert "under way since" in page
    assert "Pay</a>" not in page
    assert alice.membership() == ("starter", "active")
    days_later(stripe)
    assert alice.ledger() == [("plan", 250), ("plan", 250), ("expiry", -250)]


def test_a_renewal_whose_debit_fails_is_reported_as_a_failed_payment(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card=FAILING_DEBIT)
    stripe.month_later()
    days_later(stripe, 4)
    assert alice.membership() == ("starter", "past_due")
    assert alice.mails().count("Your payment failed") == 1
    assert "Your bank debit failed" not in alice.mails()


def test_an_upgrade_by_debit_gives_the_plan_when_the_money_has_arrived(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card=DEBIT)
    subscription = stripe.api("GET", f"subscriptions/{alice.subscription_id()}")
    item, pro = subscription["items"]["data"][0]["id"], stripe.api("GET", "prices", **{"lookup_keys[0]": "pro_monthly"})
    change = {"items[0][id]": item, "items[0][price]": pro["data"][0]["id"], "proration_behavior": "always_invoice"}
    stripe.api("POST", f"subscriptions/{subscription['id']}", **change)
    stripe.settle_down()
    assert alice.membership() == ("starter", "active")
    days_later(stripe)
    assert alice.membership() == ("pro", "active")
