"""Buying a plan in a real browser, through the sandbox's payment page, and making pictures with it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import complaints_of, expect_stored, follow, sign_in_somebody, write_list
from tests.processes import wait_for
from tests.servers import Stack

pytestmark = pytest.mark.browser
LOOPBACK = re.compile(r"^http://127\.0\.0\.1:\d+/stripe/")


def test_somebody_subscribes_and_runs_a_batch_that_was_too_long_before(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site, credits=0)
    complaints = complaints_of(context)
    write_list(page, [f"a lighthouse, number {number}" for number in range(12)])
    wait_for(lambda: page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('draft:'))"))
    page.goto("/pricing/")
    page.locator("form:has(input[value=starter]) button").click()
    expect(page).to_have_url(LOOPBACK)
    expect(page.get_by_text("SANDBOX, no real payment").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Pay .*5")).click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    expect(page.get_by_text("You have 255 credits")).to_be_visible()
    expect(page.get_by_text("You’re on the Starter plan. It renews on")).to_be_visible()
    follow(page, page.get_by_role("link", name="Continue with your list (12 prompts)"))
    page.get_by_role("button", name="Create images").click()
    expect_stored(page, 12)
    assert complaints == []
    site.manage("check_ledger")
