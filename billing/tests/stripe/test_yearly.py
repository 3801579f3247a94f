"""Paying for a year: its months, changes within it, and refunds."""

import time

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from billing.tests.stripe.test_portal import press_for_subscription, switch_to
from tests.inside import Inside

MONTH_SECONDS = 32 * 86_400


def month_begins(stripe: Controls, inside: Inside) -> None:
    """Do what the worker does a month later, by the stand-in's clock."""
    seconds = stripe.get("clock")["now"] - int(time.time()) + MONTH_SECONDS
    inside.run(f"renewals.reset_quotas(timezone.now() + timedelta(seconds={seconds}))")


def test_a_year_is_paid_at_once_and_brings_its_credits_each_month(
    alice: Shopper, stripe: Controls, inside: Inside
) -> None:
    page = alice.buy("starter_yearly")
    assert page["amount_total"] == 5_000
    assert alice.membership() == ("starter", "active")
    assert "Next yearly payment" in alice.get("").text
    assert alice.ledger() == [("plan", 250)]
    for _ in range(2):
        month_begins(stripe, inside)
        assert [entry for entry in alice.ledger() if entry[0] == "plan"] == [("plan", 250)] * 2


def test_monthly_payment_becomes_yearly_at_once(alice: Shopper) -> None:
    alice.buy("starter")
    switch_to(alice, "starter_yearly")
    # The unused month is deducted.
    assert 4_400 < alice.charges()[0]["amount"] <= 4_501
    assert alice.membership() == ("starter", "active")
    assert alice.balance() in (250, 251)
    assert "Next yearly payment" in alice.get("").text


def test_yearly_payment_becomes_monthly_when_the_year_is_over(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter_yearly")
    switch_to(alice, "starter_monthly")
    assert len(alice.charges()) == 1
    assert "Next yearly payment" in alice.get("").text
    stripe.post("clock", months=12)
    stripe.settle_down()
    assert alice.charges()[0]["amount"] == 500
    assert "Next yearly payment" not in alice.get("").text


def test_an_upgrade_within_a_year_brings_the_dearer_months(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter_yearly")
    switch_to(alice, "pro_yearly")
    assert alice.membership() == ("pro", "active")
    assert 1_190 <= alice.balance() <= 1_200
    month_begins(stripe, inside)
    assert ("plan", 1_200) in alice.ledger()


@pytest.mark.parametrize(("share", "refunded"), [(5_000, -250), (2_500, 0)])
def test_a_refund_takes_what_was_given_only_if_the_months_to_come_do_not_suffice(
    alice: Shopper, stripe: Controls, inside: Inside, share: int, refunded: int
) -> None:
    alice.buy("starter_yearly")
    stripe.api("POST", "refunds", charge=alice.charges()[0]["id"], amount=share)
    stripe.settle_down()
    assert alice.balance() == 250 + refunded
    month_begins(stripe, inside)
    assert alice.ledger().count(("plan", 250)) == (1 if refunded else 2)


def test_a_cancelled_year_goes_on_until_its_end(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter_yearly")
    press_for_subscription(alice, "cancel")
    assert alice.membership() == ("starter", "ending")
    month_begins(stripe, inside)
    assert alice.ledger().count(("plan", 250)) == 2
