"""Invoices and receipts on the page of plan and credits."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from djstripe.models import Charge, Customer, Dispute, Invoice, PaymentIntent

from accounts.models import User
from billing.payments import amounts
from billing.payments.invoices import SHOWN, bills_of
from billing.tests.conftest import Give
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database


@pytest.fixture
def customer(bob: User) -> Customer:
    return Customer.objects.create(id="cus_bob", subscriber=bob, livemode=False, stripe_data={})


@pytest.fixture
def bill(customer: Customer) -> Any:
    """Mirror an invoice of Bob's."""

    def _bill(number: int = 1, status: str = "paid", **fields: Any) -> Invoice:
        data = {"number": f"A-{number}", "status": status, "total": 500, "currency": "usd"}
        data["hosted_invoice_url"] = f"https://invoice.example.com/{number}"
        created = datetime(2026, 1, number, tzinfo=UTC)
        return Invoice.objects.create(
            id=f"in_{number}", customer=customer, livemode=False, created=created, stripe_data={**data, **fields}
        )

    return _bill


def page(bob: User, signed_in: SignedIn) -> str:
    client: Client = signed_in(bob)
    return " ".join(client.get("/account/billing/").content.decode().split())


def test_an_invoice_leads_to_stripes_page_of_it(bob: User, bill: Any, signed_in: SignedIn) -> None:
    bill()
    assert '<a href="https://invoice.example.com/1" rel="external noopener">A-1</a>' in page(bob, signed_in)
    assert "$5.00" in page(bob, signed_in)


def test_an_open_invoice_can_be_paid(bob: User, bill: Any, signed_in: SignedIn) -> None:
    bill(status="open")
    assert "Pay</a>" in page(bob, signed_in)


@pytest.mark.parametrize("status", ["draft", "void"])
def test_what_is_not_charged_is_no_bill(bob: User, bill: Any, status: str) -> None:
    bill(status=status)
    assert bills_of(bob) == []


def test_the_newest_come_first_and_not_all(bob: User, bill: Any) -> None:
    for number in range(1, SHOWN + 3):
        bill(number)
    assert [each.name for each in bills_of(bob)][:2] == [f"A-{SHOWN + 2}", f"A-{SHOWN + 1}"]
    assert len(bills_of(bob)) == SHOWN


def test_others_invoices_are_not_seen(alice: User, bill: Any) -> None:
    bill()
    assert bills_of(alice) == []


def charge(customer: Customer, dispute: str = "", **fields: Any) -> None:
    """Mirror a charge of three dollars, with a dispute in that status."""
    intent = PaymentIntent.objects.create(id="pi_1", customer=customer, livemode=False, stripe_data={})
    data = {"amount": 300, "currency": "usd", "receipt_url": "https://receipt.example.com/1", **fields}
    terms = {"amount": 3, "currency": "usd", "status": "succeeded", "created": datetime(2026, 1, 1, tzinfo=UTC)}
    paid = Charge.objects.create(
        id="ch_1", customer=customer, payment_intent=intent, livemode=False, stripe_data=data, **terms
    )
    if dispute:
        Dispute.objects.create(id="du_1", charge=paid, livemode=False, stripe_data={"status": dispute})


STATES = pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "Paid"),
        ({"refunded": True, "amount_refunded": 300}, "Refunded"),
        ({"amount_refunded": 100}, "Partly refunded"),
        ({"disputed": True, "dispute": "needs_response"}, "Disputed"),
        ({"disputed": True, "dispute": "lost"}, "Disputed"),
        ({"disputed": True, "dispute": "won"}, "Paid"),
    ],
)


@STATES
def test_a_pack_has_a_receipt(bob: User, customer: Customer, give: Give, fields: dict[str, Any], state: str) -> None:
    give(100, payment_intent="pi_1")
    charge(customer, **fields)
    assert [(str(each.state), each.amount) for each in bills_of(bob)] == [(state, "$3.00")]


@STATES
def test_a_plans_invoice_says_what_became_of_its_payment(
    bob: User, customer: Customer, bill: Any, give: Give, fields: dict[str, Any], state: str
) -> None:
    bill()
    give(250, origin="plan", payment_intent="pi_1", invoice="in_1")
    charge(customer, **fields)
    assert [str(each.state) for each in bills_of(bob)] == [state]


def test_an_invoice_whose_debit_is_under_way_cannot_be_paid_again(bob: User, bill: Any) -> None:
    bill(status="open")
    assert [(str(each.state), each.is_open) for each in bills_of(bob, ["in_1"])] == [("Processing", False)]


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (123_456, "usd", "$1,234.56"),
        (500, "jpy", "JPY 500"),
        (1_230, "KWD", "KWD 1.230"),
        (-500, "eur", "-EUR 5.00"),
        (-500, "usd", "-$5.00"),
    ],
)
def test_amounts_have_their_currencys_decimals(amount: int, currency: str, words: str) -> None:
    assert amounts.written(amount, currency) == words
