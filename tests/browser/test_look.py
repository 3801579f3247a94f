"""Every page for people, in a real Chromium: accessible in light and dark, and never wider than a phone."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.batch_page import complaints_of
from tests.browser.good_pages import assert_good

pytestmark = pytest.mark.browser
Scheme = Literal["light", "dark"]
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


def as_phone(page: Page, scheme: Scheme) -> None:
    """Make the tab a narrow phone, by day in English and by night in Spanish, whose words are longer."""
    page.set_extra_http_headers({"Accept-Language": "en" if scheme == "light" else "es"})
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_everybody(page: Page, scheme: Scheme) -> None:
    as_phone(page, scheme)
    for path in SIGNED_OUT:
        assert_good(page, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_customer(page: Page, scheme: Scheme, sign_in: Callable[[str], None]) -> None:
    as_phone(page, scheme)
    sign_in(f"{scheme}@example.org")
    for path in SIGNED_IN:
        assert_good(page, path)


def test_the_account_menu_closes_on_escape(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("menu@example.org")
    page.goto("/")
    page.locator("details.menu > summary").click()
    page.keyboard.press("Escape")
    assert page.locator("details.menu").get_attribute("open") is None
