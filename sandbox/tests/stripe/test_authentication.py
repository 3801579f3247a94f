"""3-D Secure: cards whose owner must confirm each payment."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from .conftest import StandIn, invoices_of, visit
from .test_hosted_pages import Visitor

CARD = "pm_card_authenticationRequired"


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def renewal(stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription) -> stripe.Invoice:
    """A renewal whose card needs its owner's confirmation."""
    stand_in.control(f"customers/{alice.id}/card", card=CARD)
    stand_in.control("clock", months=1)
    return invoices_of(alice)[-1]


def status_of(subscription: stripe.Subscription) -> str:
    return stripe.Subscription.retrieve(subscription.id).status


def intent_of(invoice: stripe.Invoice) -> stripe.PaymentIntent:
    (payment,) = stripe.InvoicePayment.list(invoice=invoice.id).data
    return stripe.PaymentIntent.retrieve(payment.payment.payment_intent)


def confirm(stand_in: StandIn, visitor: Visitor, intent: stripe.PaymentIntent, button: str = "complete") -> Any:
    visitor.open(f"{stand_in.url}/stripe/authenticate/{intent.id}")
    return visitor.post(visitor.shown.url, **{button: ""})


def test_a_renewal_that_needs_confirmation_reports_a_failure_and_what_to_do(
    stand_in: StandIn, subscription: stripe.Subscription, renewal: stripe.Invoice
) -> None:
    assert (renewal.status, renewal.attempt_count, status_of(subscription)) == ("open", 1, "past_due")
    assert intent_of(renewal).status == "requires_action"
    assert {"invoice.payment_failed", "invoice.payment_action_required"} <= set(stand_in.event_types())
    assert stand_in.last_event("invoice.payment_action_required").data.object.id == renewal.id


def test_the_customer_confirms_a_renewal_on_its_page(
    stand_in: StandIn, subscription: stripe.Subscription, renewal: stripe.Invoice, visitor: Visitor
) -> None:
    assert f"/stripe/authenticate/{intent_of(renewal).id}" in visitor.open(renewal.hosted_invoice_url)
    answer = confirm(stand_in, visitor, intent_of(renewal))
    assert answer.headers["Location"] == renewal.hosted_invoice_url
    assert stripe.Invoice.retrieve(renewal.id).status == "paid"
    assert status_of(subscription) == "active"


def test_a_failed_confirmation_leaves_the_renewal_open(
    stand_in: StandIn, subscription: stripe.Subscription, renewal: stripe.Invoice, visitor: Visitor
) -> None:
    confirm(stand_in, visitor, intent_of(renewal), "fail")
    assert intent_of(renewal).last_payment_error.code == "payment_intent_authentication_failure"
    assert stripe.Invoice.retrieve(renewal.id).status == "open"
    assert status_of(subscription) == "past_due"


def test_a_payment_page_asks_for_confirmation_before_it_is_paid(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, starter)
    visitor.open(session.url)
    page = visitor.submit("/pay", card=CARD).headers["Location"]
    assert stripe.checkout.Session.retrieve(session.id).status == "open"
    visitor.open(stand_in.url + page)
    answer = visitor.post(visitor.shown.url, complete="")
    assert answer.headers["Location"] == f"http://127.0.0.1:8000/done?session={session.id}"
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "paid"


def test_a_payment_page_stays_open_when_the_confirmation_fails(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, starter)
    visitor.open(f"{session.url}/authenticate")
    answer = visitor.post(visitor.shown.url, fail="")
    assert (answer.status_code, "We could not confirm" in answer.text) == (402, True)
    assert stripe.checkout.Session.retrieve(session.id).status == "open"
    assert stand_in.event_types()[-1] == "payment_intent.payment_failed"


def test_a_payment_intent_leads_to_the_page_and_back(stand_in: StandIn, visitor: Visitor) -> None:
    payment = stripe.PaymentIntent.create(
        amount=500, currency="usd", payment_method=CARD, confirm=True, return_url="http://127.0.0.1:8000/shop"
    )
    visitor.open(payment.next_action.redirect_to_url.url)
    back = urlsplit(visitor.post(visitor.shown.url, complete="").headers["Location"])
    assert (back.path, parse_qs(back.query)["redirect_status"]) == ("/shop", ["succeeded"])
    assert stripe.PaymentIntent.retrieve(payment.id).status == "succeeded"


def test_an_upgrade_that_must_be_paid_at_once_is_refused(
    stand_in: StandIn,
    alice: stripe.Customer,
    subscription: stripe.Subscription,
    starter: stripe.Price,
    pro: stripe.Price,
) -> None:
    stand_in.control(f"customers/{alice.id}/card", card=CARD)
    items = [{"id": stripe.Subscription.retrieve(subscription.id)["items"].data[0].id, "price": pro.id}]
    rest = {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    with pytest.raises(stripe.CardError) as refused:
        stripe.Subscription.modify(subscription.id, items=items, **rest)
    assert refused.value.code == "subscription_payment_intent_requires_action"
    now = stripe.Subscription.retrieve(subscription.id)
    assert (now.status, now["items"].data[0].price.id) == ("active", starter.id)
