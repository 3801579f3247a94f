"""What operators do at Stripe from a customer's page in the admin: refunds, and suspending a subscriber."""

import re

import pytest
import requests

from billing.tests.stripe.shop import Controls, Shopper
from billing.tests.stripe.test_portal import switch_to
from tests.servers import Stack

HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|submission_key)" value="([^"]+)"')


class Operator:
    """An operator's browser on a customer's page."""

    def __init__(self, site: Stack, customer: Shopper) -> None:
        email = f"operator-of-{customer.email}"
        site.manage("create_user", email, "--superuser")
        self.browser = requests.Session()
        self.browser.cookies.set("sessionid", site.session_of(email))
        user = site.query(f"SELECT id FROM accounts_user WHERE email = '{customer.email}'")[0][0]
        self.url, self.stripe = f"{site.url}/admin/accounts/user/{user}", customer.stripe

    def open(self, act: str) -> str:
        return self.browser.get(f"{self.url}/{act}/", timeout=60).text

    def send(self, act: str, **fields: str) -> str:
        """Fill in the form of an act, and return the page that follows once the site has heard from Stripe."""
        hidden = HIDDEN.findall(self.open("change" if act == "lift" else act))
        form = {**dict(hidden), **fields}
        answer = self.browser.post(f"{self.url}/{act}/", data=form, headers={"Referer": self.url}, timeout=60)
        self.stripe.settle_down()
        return answer.text


@pytest.fixture
def operator(shop: Stack, alice: Shopper) -> Operator:
    return Operator(shop, alice)


def payment(shopper: Shopper) -> str:
    return str(shopper.charges()[0]["payment_intent"])


@pytest.mark.on_both
def test_a_refund_takes_the_credits_back(alice: Shopper, operator: Operator) -> None:
    alice.buy("pack_100")
    page = operator.send("refund", payment=payment(alice), reason="requested_by_customer")
    assert "$3.00 refunded." in page
    assert alice.ledger() == [("pack", 100), ("refund", -100)]
    assert "There is no payment that can be refunded." in operator.open("refund")


def test_a_part_is_refunded_once_though_the_form_is_sent_twice(alice: Shopper, operator: Operator) -> None:
    alice.buy("pack_100")
    form = {"payment": payment(alice), "reason": "duplicate", "amount": "1.50"}
    key = {"submission_key": "0a0b0c0d-0000-4000-8000-000000000001"}
    for _ in range(2):
        operator.send("refund", **form, **key)
    assert alice.ledger() == [("pack", 100), ("refund", -50)]
    assert "($1.50 left)" in operator.open("refund")


@pytest.mark.parametrize("amount", ["3.01", "0.001", "-1"])
def test_more_than_was_paid_is_not_refunded(alice: Shopper, operator: Operator, amount: str) -> None:
    alice.buy("pack_100")
    operator.send("refund", payment=payment(alice), reason="fraudulent", amount=amount)
    assert alice.balance() == 100


def test_another_customers_payment_is_not_refunded(alice: Shopper, bob: Shopper, operator: Operator) -> None:
    alice.buy("pack_100")
    bob.buy("pack_100")
    operator.send("refund", payment=payment(bob), reason="fraudulent")
    assert bob.balance() == 100


def test_a_disputed_payment_is_said_and_not_offered(alice: Shopper, operator: Operator, stripe: Controls) -> None:
    alice.buy("pack_100")
    stripe.post(f"charges/{alice.charges()[0]['id']}/dispute")
    stripe.settle_down()
    assert "This customer disputes a payment." in operator.open("change")
    assert payment(alice) not in operator.open("refund")


def test_a_suspended_subscriber_is_not_renewed(alice: Shopper, operator: Operator, stripe: Controls) -> None:
    alice.buy("starter")
    operator.send("suspend", reason="spam")
    assert alice.membership() == ("starter", "ending")
    stripe.month_later()
    assert len(alice.charges()) == 1
    assert alice.membership() == ("starter", "ended")


def test_a_suspension_that_is_lifted_renews_the_subscription(alice: Shopper, operator: Operator) -> None:
    alice.buy("starter")
    operator.send("suspend", reason="spam")
    operator.send("lift")
    assert alice.membership() == ("starter", "active")


def test_a_planned_downgrade_does_not_keep_a_suspended_subscription(alice: Shopper, operator: Operator) -> None:
    alice.buy("pro")
    switch_to(alice, "starter_monthly")
    operator.send("suspend", reason="spam")
    assert alice.membership() == ("pro", "ending")
