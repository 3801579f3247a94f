"""A key created on its page gives access to the API, the page shows its use, and it stops working once revoked."""

import re

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import complaints_of, follow, sign_in_somebody
from tests.browser.good_pages import assert_good
from tests.servers import Stack, wait_for

pytestmark = pytest.mark.browser
_CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.M)


def mailed_code(site: Stack, email: str) -> str:
    """Return the code in the mail to that address."""
    letters = [file.read_text() for file in (site.directory / "mail").iterdir()]
    return _CODE.search(next(letter for letter in letters if f"To: {email}" in letter))[0]


def make_key(page: Page) -> str:
    """Make a key on the open page; return the key."""
    page.get_by_label("Name").fill("Printer")
    page.get_by_label("Credits per month").fill("50")
    page.get_by_role("button", name="Create key").click()
    return page.locator("[data-copy] pre").inner_text()


def ask(site: Stack, key: str) -> requests.Response:
    return requests.get(f"{site.url}/api/v1/account", headers={"Authorization": f"Bearer {key}"}, timeout=10)


def test_a_key_from_its_beginning_to_its_end(page: Page, context: BrowserContext, site: Stack) -> None:
    email = sign_in_somebody(context, site)
    complaints = complaints_of(context)
    page.goto("/account/keys/")
    page.get_by_role("link", name="New key").click()
    follow(page, page.get_by_role("button", name="Email me a code"))
    page.get_by_label("Code").fill(mailed_code(site, email))
    page.get_by_role("button", name="Continue").click()
    key = make_key(page)
    assert ask(site, key).json()["email"] == email
    # The web server writes down what it has counted every two seconds.
    days = "SELECT 1 FROM accounts_keyusageday JOIN accounts_apikey ON key_id = accounts_apikey.id"
    wait_for(lambda: site.query(f"{days} WHERE public_id = '{key[4:16]}'"))
    page.goto("/account/usage/")
    expect(page.get_by_role("row", name="Printer 0 0 1")).to_be_visible()
    for path in ("/account/usage/", "/account/keys/new/", "/account/keys/"):
        assert_good(page, path)
    page.get_by_role("button", name="Revoke Printer").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("” revoked.")).to_be_visible()
    assert ask(site, key).status_code == 401
    assert complaints == []


def test_the_button_copies_the_key(page: Page, context: BrowserContext, site: Stack) -> None:
    email = sign_in_somebody(context, site)
    context.add_cookies([{"name": "sessionid", "value": site.session_of(email, is_recent=True), "url": site.url}])
    context.grant_permissions(["clipboard-write"], origin=site.url)
    page.goto("/account/keys/new/")
    key = make_key(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    page.goto("/account/keys/new/")
    page.get_by_label("Name").fill("")
    page.get_by_label("Name").press("ControlOrMeta+V")
    expect(page.get_by_label("Name")).to_have_value(key)
