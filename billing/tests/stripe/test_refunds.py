"""Refunds, disputes and payments that take days."""

import pytest

from billing.tests.stripe.shop import Controls, Shopper


def refund(shopper: Shopper, **amount: int) -> dict[str, object]:
    charge = shopper.charges()[0]["id"]
    refunded = shopper.stripe.api("POST", "refunds", charge=charge, **amount)
    shopper.stripe.settle_down()
    return refunded


@pytest.mark.on_both
def test_a_refund_in_full_takes_all_credits_back(alice: Shopper) -> None:
    alice.buy("pack_100")
    refund(alice)
    assert alice.ledger() == [("pack", 100), ("refund", -100)]
    assert "Refunded</td>" in alice.get("").text


@pytest.mark.on_both
def test_refunds_in_parts_take_exactly_what_they_give_back(alice: Shopper) -> None:
    alice.buy("pack_100")
    for amount in (100, 100, 100):
        refund(alice, amount=amount)
    assert [amount for _, amount in alice.ledger()] == [100, -33, -33, -34]


def test_a_refunded_month_takes_its_credits_back(alice: Shopper) -> None:
    alice.buy("starter")
    refund(alice, amount=250)
    assert alice.ledger() == [("plan", 250), ("refund", -125)]


def test_a_refund_that_fails_later_gives_the_credits_back(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    refunded = refund(alice)
    stripe.post(f"refunds/{refunded['id']}/fail")
    stripe.settle_down()
    assert [amount for _, amount in alice.ledger()] == [100, -100, 100]


@pytest.mark.on_both
@pytest.mark.parametrize(("won", "left"), [(True, 100), (False, 0)])
def test_a_dispute_takes_the_credits_until_it_is_won(alice: Shopper, stripe: Controls, won: bool, left: int) -> None:
    alice.buy("pack_100")
    dispute = stripe.post(f"charges/{alice.charges()[0]['id']}/dispute")
    stripe.settle_down()
    assert alice.ledger() == [("pack", 100), ("dispute", -100)]
    stripe.post(f"disputes/{dispute['id']}/decide", succeeded=won)
    stripe.settle_down()
    assert alice.balance() == left


@pytest.mark.on_both
def test_a_bank_transfer_brings_its_credits_when_it_has_arrived(alice: Shopper, stripe: Controls) -> None:
    page = alice.buy("pack_100", card="pm_usBankAccount_success")
    assert page["payment_status"] == "unpaid"
    assert "processing" in alice.return_from(page["id"]).text
    assert alice.ledger() == []
    stripe.post(f"payment_intents/{page['payment_intent']}/settle", succeeded=True)
    stripe.settle_down()
    assert alice.ledger() == [("pack", 100)]


def test_a_bank_transfer_that_fails_brings_nothing(alice: Shopper, stripe: Controls) -> None:
    page = alice.buy("pack_100", card="pm_usBankAccount_success")
    stripe.post(f"payment_intents/{page['payment_intent']}/settle", succeeded=False)
    stripe.settle_down()
    assert alice.ledger() == []


@pytest.mark.on_both
def test_an_expired_page_brings_nothing(alice: Shopper, stripe: Controls) -> None:
    page = alice.open_page("pack_100")
    stripe.post("clock", days=2)
    stripe.settle_down()
    assert stripe.api("GET", f"checkout/sessions/{page}")["status"] == "expired"
    assert alice.ledger() == []
