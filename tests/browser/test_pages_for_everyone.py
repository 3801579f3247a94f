"""The pages of batches for everyone: no barrier that axe finds, in light and dark, in Spanish, with 1,000 cards."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import behave, complaints_of, expect_stored, make_batch, sign_in_somebody, write_list
from tests.browser.conftest import OpenWindow
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _quick_sandbox(site: Stack) -> None:
    behave(site, delay_seconds=0.1, image_bytes=None)


def barriers(page: Page) -> list[tuple[str, str]]:
    """Return the rule and the first element of each violation that axe finds."""
    page.wait_for_timeout(600)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [(violation["id"], violation["nodes"][0]["html"][:200]) for violation in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(scheme: str, open_window: OpenWindow, site: Stack) -> None:
    context = open_window(base_url=site.url, color_scheme=scheme)
    page = context.new_page()
    sign_in_somebody(context, site)
    write_list(page, ["a fox", "an owl"], names=["one"])
    expect(page.get_by_role("complementary", name="Summary")).to_contain_text("one.png")
    assert barriers(page) == []
    make_batch(page, ["a fox", "an owl", "a knight [refuse]"])
    expect_stored(page, 2)
    page.get_by_role("button", name="Select all").click()
    assert barriers(page) == []
    page.locator("li.tile[data-stored] a[data-part=open]").first.click()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Edit and retry").click()
    assert barriers(page) == []
    page.goto("/batches/")
    assert barriers(page) == []


def test_the_pages_speak_spanish(open_window: OpenWindow, site: Stack) -> None:
    context = open_window(base_url=site.url, locale="es-ES")
    page = context.new_page()
    complaints = complaints_of(context)
    sign_in_somebody(context, site)
    page.goto("/batches/new/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.locator("#prompts").fill("un zorro rojo")
    page.locator(".bill button[data-kind=primary]").click()
    expect_stored(page, 1)
    assert complaints == []


def test_a_thousand_cards_are_shown_in_time(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=5)
    sign_in_somebody(context, site, credits=1000)
    make_batch(page, [f"picture number {n}" for n in range(1000)])
    expect(page.locator("li.tile")).to_have_count(1000)
    page.reload()
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
    assert timing["domContentLoadedEventEnd"] < 5_000
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel batch").click()
    expect(page.locator("[data-headline]")).to_have_attribute("data-status", "cancelled")
