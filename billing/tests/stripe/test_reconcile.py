"""Nothing is lost when no webhook arrives at all, and customers that Stripe has forgotten can pay again."""

import time
from collections.abc import Iterator
from math import floor

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from tests.inside import Inside


@pytest.fixture
def deaf(stripe: Controls) -> Iterator[Controls]:
    """The stand-in, whose events get lost."""
    stripe.settle_down()
    stripe.deliver(withhold=True)
    yield stripe
    stripe.post("deliveries", withhold=False)
    stripe.settle_down()


def test_reconciling_books_what_no_webhook_reported(alice: Shopper, deaf: Controls, inside: Inside) -> None:
    alice.pay(alice.open_page("starter"))
    alice.pay(alice.open_page("pack_100"))
    pack = next(charge for charge in alice.charges() if charge["amount"] == 300)
    deaf.api("POST", "refunds", charge=pack["id"])
    for _ in range(2):
        inside.run("call_command('reconcile_stripe', verbosity=0)")
        assert sorted(alice.ledger()) == [("pack", 100), ("plan", 250), ("refund", -100)]
    assert alice.membership() == ("starter", "active")


def test_a_cancellation_that_no_webhook_reported_is_found(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.deliver(withhold=True)
    stripe.api("DELETE", f"subscriptions/{alice.subscription_id()}")
    inside.run("call_command('reconcile_stripe', verbosity=0)")
    stripe.deliver(withhold=False)
    assert alice.membership() == ("starter", "ended")


def reconcile_last(days: int, stripe: Controls, inside: Inside) -> None:
    """Reconcile the last days of the stand-in's clock, which other tests have moved on."""
    ahead = (stripe.get("clock")["now"] - time.time()) / 86_400
    inside.run(f"call_command('reconcile_stripe', days={floor(days - ahead)}, verbosity=0)")


def test_a_bank_debit_that_arrived_late_is_found(alice: Shopper, deaf: Controls, inside: Inside) -> None:
    alice.pay(alice.open_page("pack_100"), "pm_usBankAccount_success")
    deaf.post("clock", days=5)
    reconcile_last(3, deaf, inside)
    assert alice.ledger() == [("pack", 100)]


def test_an_old_invoice_that_was_paid_late_is_found(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.post(f"customers/{alice.customer_id()}/card", card="pm_card_chargeCustomerFail")
    stripe.post("clock", months=1)
    stripe.post("clock", days=7)
    stripe.settle_down()
    stripe.deliver(withhold=True)
    invoice = stripe.api("GET", "invoices", customer=alice.customer_id(), status="open")["data"][0]
    stripe.api("POST", f"invoices/{invoice['id']}/pay", payment_method="pm_card_visa")
    reconcile_last(3, stripe, inside)
    stripe.deliver(withhold=False)
    assert alice.ledger() == [("plan", 250), ("plan", 250), ("expiry", -250)]
    assert alice.membership() == ("starter", "active")


@pytest.mark.parametrize("path", ["/v1/events", "/v1/subscriptions"])
def test_a_busy_stripe_is_waited_for(alice: Shopper, deaf: Controls, inside: Inside, path: str) -> None:
    alice.pay(alice.open_page("starter"))
    # One more than Stripe's library tries again by itself.
    deaf.post("settings", fail_count=3, fail_path=path, fail_status=429)
    inside.run("call_command('reconcile_stripe', verbosity=0)")
    assert alice.ledger() == [("plan", 250)]


def test_a_customer_deleted_at_stripe_can_buy_again(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    first = alice.customer_id()
    stripe.api("DELETE", f"customers/{first}")
    stripe.settle_down()
    assert alice.membership() == ("starter", "ended")
    alice.buy("pack_100")
    assert alice.customer_id() != first
    assert alice.ledger() == [("plan", 250), ("pack", 100)]


def test_a_bank_debit_that_failed_unnoticed_is_emailed(alice: Shopper, deaf: Controls, inside: Inside) -> None:
    alice.pay(alice.open_page("pack_100"), "pm_usBankAccount_insufficientFunds")
    deaf.post("clock", days=5)
    for _ in range(2):
        reconcile_last(3, deaf, inside)
    assert alice.mails() == ["Your bank debit failed"]
