import re

import pytest
import requests
import stripe

from .conftest import StandIn, visit

MARK = "SANDBOX, no real payment"


class Visitor:
    """A browser without scripts: it submits a page's forms with their token, and follows no redirect."""

    def __init__(self) -> None:
        self.session = requests.Session()

    def open(self, url: str) -> str:
        self.shown = self.session.get(url, timeout=60)
        return self.shown.text

    def submit(self, path: str, **fields: str) -> requests.Response:
        """Submit the form of the page that was opened whose action ends like this."""
        action = re.search(rf'action="([^"]*{path})"', self.shown.text)[1]
        return self.post(re.match(r"http://[^/]+", self.shown.url)[0] + action, **fields)

    def post(self, url: str, **fields: str) -> requests.Response:
        token = self.session.cookies["sandbox_csrftoken"]
        form = {"csrfmiddlewaretoken": token, **fields}
        return self.session.post(url, data=form, allow_redirects=False, timeout=60)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_the_checkout_page_shows_the_order_and_what_it_is(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    page = visitor.open(visit(alice, starter).url)
    assert MARK in page
    assert "5.00 USD" in page
    assert "alice@example.org" in page


def test_paying_leads_back_to_the_site(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, starter)
    visitor.open(session.url)
    assert visitor.submit("/pay").headers["Location"] == f"http://127.0.0.1:8000/done?session={session.id}"
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "paid"


def test_the_policy_lets_the_form_lead_back_to_the_site(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    visitor.open(visit(alice, starter).url)
    assert "form-action 'self' http://127.0.0.1:8000;" in visitor.shown.headers["Content-Security-Policy"] + ";"


def test_a_declined_card_keeps_the_page_open(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    visitor.open(visit(alice, starter).url)
    answer = visitor.submit("/decline")
    assert answer.status_code == 402
    assert "declined" in answer.text


def test_paying_later_leads_back_unpaid(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, pack)
    visitor.open(session.url)
    assert visitor.submit("/later").status_code == 302
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "unpaid"


def test_there_is_a_way_back_without_paying(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price, visitor: Visitor
) -> None:
    assert 'href="http://127.0.0.1:8000/prices"' in visitor.open(visit(alice, pack).url)


def test_paying_twice_in_two_tabs_pays_once(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, pack)
    visitor.open(session.url)
    assert [visitor.submit("/pay").status_code for _ in range(2)] == [302, 302]
    assert len(stripe.Charge.list(customer=alice.id).data) == 1


def test_a_page_that_has_expired_takes_no_money(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price, visitor: Visitor
) -> None:
    session = visit(alice, pack)
    visitor.open(session.url)
    stripe.checkout.Session.expire(session.id)
    assert visitor.submit("/pay").status_code == 410
    assert stripe.Charge.list(customer=alice.id).data == []


def test_a_promotion_code_lowers_the_price(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    stripe.Coupon.create(id="HALF", percent_off=50, duration="once")
    stripe.PromotionCode.create(promotion={"type": "coupon", "coupon": "HALF"}, code="SPRING")
    session = visit(alice, starter, allow_promotion_codes=True)
    visitor.open(session.url)
    assert visitor.submit("/code", code="nonsense").status_code == 422
    assert visitor.submit("/code", code="spring").status_code == 302
    assert "2.50 USD" in visitor.open(session.url)


def test_a_page_that_does_not_exist_is_not_found(stand_in: StandIn) -> None:
    assert requests.get(f"{stand_in.url}/stripe/checkout/cs_test_never", timeout=60).status_code == 404


def test_an_invoice_can_be_read(stand_in: StandIn, subscription: stripe.Subscription, visitor: Visitor) -> None:
    invoice = stripe.Invoice.retrieve(subscription.latest_invoice)
    page = visitor.open(invoice.hosted_invoice_url)
    assert invoice.number in page
    assert MARK in page


def test_an_open_invoice_is_paid_on_its_page(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription, visitor: Visitor
) -> None:
    stand_in.control(f"customers/{alice.id}/card", card="pm_card_chargeCustomerFail")
    stand_in.control("clock", months=1)
    invoice = stripe.Invoice.list(customer=alice.id, status="open").data[0]
    for _ in range(2):
        visitor.open(invoice.hosted_invoice_url)
        assert visitor.post(f"{invoice.hosted_invoice_url}/pay").status_code == 302
        assert stripe.Invoice.retrieve(invoice.id).status == "paid"
    assert stripe.Subscription.retrieve(subscription.id).status == "active"


def test_the_control_page_shows_what_there_is(
    stand_in: StandIn, subscription: stripe.Subscription, visitor: Visitor
) -> None:
    page = visitor.open(f"{stand_in.url}/stripe/")
    assert "alice@example.org" in page
    assert "checkout.session.completed" in page


@pytest.mark.parametrize(("button", "left"), [("all", 0), ("half", 150)])
def test_the_control_page_refunds(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price, visitor: Visitor, button: str, left: int
) -> None:
    stand_in.pay(visit(alice, pack))
    visitor.open(f"{stand_in.url}/stripe/")
    assert visitor.submit("/refund", **{button: ""}).status_code == 302
    charge = stripe.Charge.list(customer=alice.id).data[0]
    assert charge.amount - charge.amount_refunded == left


def test_the_control_page_moves_the_clock(
    stand_in: StandIn, subscription: stripe.Subscription, visitor: Visitor
) -> None:
    visitor.open(f"{stand_in.url}/stripe/")
    visitor.submit("/stripe/clock", months="1")
    assert len(stripe.Invoice.list(subscription=subscription.id).data) == 2


def test_the_control_page_shows_what_is_wrong_with_a_setting(stand_in: StandIn, visitor: Visitor) -> None:
    visitor.open(f"{stand_in.url}/stripe/")
    answer = visitor.submit("/stripe/webhooks", copies="0")
    assert answer.status_code == 422
    assert "errorlist" in answer.text


def test_a_subscriber_is_led_to_the_portal(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    assert stand_in.pay(visit(alice, starter))
    second = visit(alice, starter)
    visitor.open(second.url)
    assert "/stripe/portal/" in visitor.shown.url
    stand_in.control("settings", limits_to_one_subscription=False)
    visitor.open(second.url)
    assert visitor.shown.url == second.url


def test_the_page_says_that_a_code_was_used_up_meanwhile(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, visitor: Visitor
) -> None:
    stripe.Coupon.create(id="FIRST", percent_off=50, duration="once", max_redemptions=1)
    bob = stripe.Customer.create(email="bob@example.org")
    first, second = (visit(customer, starter, discounts=[{"coupon": "FIRST"}]) for customer in (alice, bob))
    stand_in.pay(first)
    visitor.open(second.url)
    answer = visitor.submit("/pay")
    assert answer.status_code == 400
    assert "used up" in answer.text
