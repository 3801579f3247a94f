"""The pages of batches for everyone: no barrier that axe finds, in light and dark, in Spanish, with 1,000 cards."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import (
    behave,
    complaints_of,
    expect_stored,
    follow,
    make_batch,
    sign_in_somebody,
    write_list,
)
from tests.browser.conftest import OpenWindow
from tests.browser.good_pages import barriers
from tests.servers import Stack

pytestmark = pytest.mark.browser


def test_axe_finds_no_barrier(page: Page, context: BrowserContext, site: Stack) -> None:
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
    follow(page, page.get_by_role("link", name="Edit and retry"))
    assert barriers(page) == []
    page.goto("/batches/")
    assert barriers(page) == []


def test_the_pages_speak_spanish(open_window: OpenWindow, site: Stack) -> None:
    context = open_window(base_url=site.url, locale="es-ES")
    page = context.new_page()
    complaints = complaints_of(context)
    behave(site)
    sign_in_somebody(context, site)
    page.goto("/batches/new/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.locator("#prompts").fill("un zorro rojo")
    page.locator(".bill button[data-kind=primary]").click()
    expect_stored(page, 1)
    assert complaints == []


def test_a_printed_page_has_no_navigation(tab: Page) -> None:
    tab.goto("/pricing/")
    tab.emulate_media(media="print")
    expect(tab.get_by_role("heading", name="Only pay for finished images")).to_be_visible()
    expect(tab.locator("header.top")).to_be_hidden()
    expect(tab.get_by_role("contentinfo")).to_be_hidden()


def test_what_is_chosen_is_seen_in_a_high_contrast_theme(tab: Page) -> None:
    write_list(tab, ["a fox"], ratio="16:9")
    tab.emulate_media(forced_colors="active")
    backgrounds = tab.locator("label:has([name=ratio])").evaluate_all(
        "labels => labels.map((label) => [label.control.checked, getComputedStyle(label).backgroundColor])"
    )
    chosen = {colour for is_checked, colour in backgrounds if is_checked}
    assert len(chosen) == 1
    assert chosen.isdisjoint(colour for is_checked, colour in backgrounds if not is_checked)


def test_a_thousand_cards_are_shown_in_time(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=30)
    sign_in_somebody(context, site, credits=1000)
    make_batch(page, [f"picture number {n}" for n in range(1000)])
    expect(page.locator("li.tile")).to_have_count(1000)
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
    # About one second, but five on a slow and busy machine.
    assert timing["domContentLoadedEventEnd"] < 20_000
