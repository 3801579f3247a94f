"""Signing out: what the browser stores is deleted if wanted, and nothing private is behind the button "back"."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import complaints_of, expect_stored, make_batch, read_stored, sign_in_somebody
from tests.browser.conftest import OpenWindow
from tests.browser.good_pages import assert_good
from tests.servers import Stack, wait_for

pytestmark = pytest.mark.browser
DELETE = "Delete everything from this browser"
PRIVATE = ("/account/", "/account/keys/", "/")
STORED = "localStorage.length + sessionStorage.length"


@pytest.fixture
def batch(page: Page, context: BrowserContext, site: Stack) -> str:
    """The id of a batch whose two images this browser has; a draft of the next list is there, too."""
    sign_in_somebody(context, site)
    made = make_batch(page, ["a fox", "an owl"])
    expect_stored(page, 2)
    page.goto("/batches/new/")
    page.get_by_label("Prompts").fill("a secret plan")
    wait_for(lambda: "a secret plan" in page.evaluate("Object.values(localStorage).join()"))
    return made


def sign_out(page: Page) -> None:
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_the_menu_leads_to_the_question(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    page.goto("/account/")
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_label(DELETE)).not_to_be_checked()
    assert_good(page, "/accounts/logout/")


def test_images_previews_and_drafts_are_deleted_if_wanted(page: Page, context: BrowserContext, batch: str) -> None:
    complaints = complaints_of(context)
    page.goto("/accounts/logout/")
    page.get_by_label(DELETE).check()
    sign_out(page)
    assert read_stored(page, batch) == {}
    assert page.evaluate(STORED) == 0
    assert complaints == []


def test_images_stay_if_the_box_is_not_ticked(page: Page, batch: str) -> None:
    page.goto("/accounts/logout/")
    sign_out(page)
    assert len(read_stored(page, batch)) == 2
    assert page.evaluate(STORED) > 0


def test_without_the_server_nothing_is_deleted_until_it_answers(page: Page, batch: str) -> None:
    page.goto("/accounts/logout/")
    page.get_by_label(DELETE).check()
    page.route("**/accounts/logout/", lambda route: route.abort())
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert").filter(has_text="nothing has changed")).to_be_visible()
    assert len(read_stored(page, batch)) == 2
    page.unroute("**/accounts/logout/")
    sign_out(page)
    assert read_stored(page, batch) == {}


def test_another_tab_leaves_its_batch(page: Page, context: BrowserContext, batch: str) -> None:
    other = context.new_page()
    other.goto(f"/batches/{batch}/")
    expect_stored(other, 2)
    page.goto("/accounts/logout/")
    page.get_by_label(DELETE).check()
    sign_out(page)
    expect(other).to_have_url(re.compile("/accounts/login/"))
    assert read_stored(page, batch) == {}


def test_back_shows_nothing_private(page: Page, context: BrowserContext, site: Stack) -> None:
    email = sign_in_somebody(context, site)
    for path in PRIVATE:
        page.goto(path)
        expect(page.get_by_text(email).first).to_be_attached()
    page.goto("/accounts/logout/")
    sign_out(page)
    page.go_back()
    for _path in PRIVATE:
        page.go_back()
        expect(page.get_by_text(email)).to_have_count(0)


def test_without_javascript_the_page_says_what_stays(open_window: OpenWindow, site: Stack) -> None:
    context = open_window(base_url=site.url, java_script_enabled=False)
    sign_in_somebody(context, site)
    page = context.new_page()
    page.goto("/accounts/logout/")
    expect(page.locator("noscript .notice")).to_be_visible()
    expect(page.get_by_label(DELETE)).to_be_hidden()
    sign_out(page)
