"""Nothing is lost when no webhook arrives at all, and customers that Stripe has forgotten can pay again."""

from collections.abc import Iterator

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


def test_reconciling_books_what_no_webhook_told(alice: Shopper, deaf: Controls, inside: Inside) -> None:
    alice.pay(alice.open_page("starter"))
    alice.pay(alice.open_page("pack_100"))
    pack = next(charge for charge in alice.charges() if charge["amount"] == 300)
    deaf.api("POST", "refunds", charge=pack["id"])
    for _ in range(2):
        inside.run("call_command('reconcile_stripe', verbosity=0)")
        assert sorted(alice.ledger()) == [("pack", 100), ("plan", 250), ("refund", -100)]
    assert alice.membership() == ("starter", "active")


def test_a_cancellation_that_no_webhook_told_is_found(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.deliver(withhold=True)
    stripe.api("DELETE", f"subscriptions/{alice.subscription_id()}")
    inside.run("call_command('reconcile_stripe', verbosity=0)")
    stripe.deliver(withhold=False)
    assert alice.membership() == ("starter", "ended")


def test_a_customer_deleted_at_stripe_can_buy_again(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    first = alice.customer_id()
    stripe.api("DELETE", f"customers/{first}")
    stripe.settle_down()
    assert alice.membership() == ("starter", "ended")
    alice.buy("pack_100")
    assert alice.customer_id() != first
    assert alice.ledger() == [("plan", 250), ("pack", 100)]
