"""Signing in with Google and Microsoft in a fresh clone, where the sandbox imitates both."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_google_signs_in_at_once(page: Page) -> None:
    page.goto("/accounts/login/?next=/account/")
    page.get_by_role("button", name="Google").click()
    expect(page.get_by_text("SANDBOX: nothing here is real")).to_be_visible()
    page.get_by_label("Email address").fill("grace@example.org")
    page.get_by_role("button", name="Continue to the site").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_role("main")).to_contain_text("grace@example.org")


def test_microsoft_has_the_address_confirmed(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Microsoft").click()
    page.get_by_label("Email address").fill("hopper@example.org")
    page.get_by_role("button", name="Continue to the site").click()
    page.wait_for_url(re.compile("confirm-email"))


def test_whoever_cancels_is_back_on_the_site(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Google").click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(re.compile("/accounts/"))
