"""Every page for people, in a real Chromium: accessible in light and dark, and never wider than a phone."""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import complaints_of, sign_in_somebody
from tests.browser.good_pages import assert_fits, assert_good
from tests.servers import Stack

pytestmark = pytest.mark.browser
SIGNED_OUT = ("/", "/pricing/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing-here/")
SIGNED_IN = (
    "/",
    "/batches/",
    "/batches/new/",
    "/batches/presets/",
    "/account/",
    "/account/billing/",
    "/account/usage/",
    "/account/keys/",
    "/account/webhooks/",
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
)


@pytest.fixture(autouse=True)
def _nothing_is_blocked(context: BrowserContext) -> Iterator[None]:
    """Fail a test whose pages ask for something that the Content-Security-Policy refuses."""
    complaints = complaints_of(context)
    yield
    assert [text for text in complaints if "Content Security Policy" in text] == []


def assert_all_good(page: Page, paths: Sequence[str]) -> None:
    """Look at the pages on a narrow phone; then measure them in Spanish, whose words are longer."""
    page.set_viewport_size({"width": 360, "height": 740})
    for path in paths:
        assert_good(page, path)
    page.set_extra_http_headers({"Accept-Language": "es"})
    for path in paths:
        assert_fits(page, path)
        expect(page.locator("html")).to_have_attribute("lang", "es")


def test_pages_of_everybody_look_good(page: Page) -> None:
    assert_all_good(page, SIGNED_OUT)


def test_pages_of_a_customer_look_good(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site, credits=0)
    assert_all_good(page, SIGNED_IN)


def test_the_account_menu_closes_on_escape(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site, credits=0)
    page.goto("/")
    page.locator("details.menu > summary").click()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu")).not_to_have_attribute("open", "")
