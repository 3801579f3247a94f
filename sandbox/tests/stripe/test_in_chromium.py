"""What only a real browser can tell: that the policy lets a form lead back to the site, and how wide the pages are."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import stripe
from playwright.sync_api import Page, Playwright, expect

from tests.browser.chromium import ARGUMENTS
from tests.databases import chromium

from .conftest import StandIn

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(playwright: Playwright) -> Iterator[Page]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield browser.new_page(viewport={"width": 390, "height": 800})
    browser.close()


def checkout(stand_in: StandIn, customer: stripe.Customer, price: stripe.Price) -> stripe.checkout.Session:
    """A session whose site has another origin than the page, as in life."""
    site = f"http://localhost:{urlsplit(stand_in.url).port}/mail/"
    line = {"price": price.id, "quantity": 1}
    return stripe.checkout.Session.create(
        mode="subscription", customer=customer.id, line_items=[line], success_url=site
    )


def test_paying_leads_back_to_the_site_after_a_declined_card(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, tab: Page
) -> None:
    tab.goto(checkout(stand_in, alice, starter).url)
    tab.get_by_role("button", name="Pay with a card that is declined").click()
    expect(tab.get_by_role("alert")).to_contain_text("declined")
    tab.get_by_role("button", name="Pay 5.00 USD").click()
    tab.wait_for_url("http://localhost:*/mail/")
    assert stripe.Subscription.list(customer=alice.id).data[0].status == "active"


def test_no_page_is_wider_than_a_phone(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price, subscription: stripe.Subscription, tab: Page
) -> None:
    stand_in.control("webhook", url=f"{stand_in.url}/{'a-long-address-' * 4}", secret="whsec_1")
    for url in (
        checkout(stand_in, alice, starter).url,
        stripe.billing_portal.Session.create(customer=alice.id).url,
        f"{stand_in.url}/stripe/",
        stripe.Invoice.retrieve(subscription.latest_invoice).hosted_invoice_url,
    ):
        tab.goto(url)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), url
