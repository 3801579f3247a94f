"""Presets and style buttons in a browser: everything that is chosen can be seen in the form."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import ADDRESS, behave, sign_in_somebody, write_list
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _signed_in(site: Stack, context: BrowserContext) -> None:
    behave(site, delay_seconds=0.1, image_bytes=None)
    sign_in_somebody(context, site)


def test_a_list_is_saved_as_a_preset_and_started_again(page: Page) -> None:
    write_list(page, ["a fox", "an owl"], names=["one", "two"], ratio="16:9")
    page.get_by_text("Save as preset").click()
    page.get_by_label("Preset title").fill("Animals")
    page.get_by_role("button", name="Save preset").click()
    expect(page.get_by_text("Preset saved.")).to_be_visible()
    expect(page.get_by_label("Prompts")).to_have_value("a fox\nan owl")
    page.get_by_role("link", name="Start from a preset").click()
    page.get_by_role("link", name="Use Animals").click()
    expect(page.get_by_role("textbox", name="File names")).to_have_value("one\ntwo")
    page.get_by_role("button", name="Create images").click()
    page.wait_for_url(ADDRESS)
    expect(page.locator("li.tile")).to_have_count(2)


def test_a_preset_replaces_a_draft_only_when_it_is_changed(page: Page) -> None:
    write_list(page, ["a list of mine"])
    page.wait_for_timeout(500)
    page.goto("/batches/presets/")
    page.get_by_role("link", name="Use Icon set").click()
    page.get_by_role("link", name="Back to my list").click()
    expect(page.get_by_label("Prompts")).to_have_value("a list of mine")


def test_a_preset_is_deleted_after_a_question(page: Page) -> None:
    write_list(page, ["a fox"])
    page.get_by_text("Save as preset").click()
    page.get_by_label("Preset title").fill("Animals")
    page.get_by_role("button", name="Save preset").click()
    page.get_by_role("link", name="Start from a preset").click()
    page.get_by_role("button", name="Delete Animals").click()
    page.get_by_role("button", name="Delete preset").click()
    expect(page.get_by_text("Preset deleted.")).to_be_visible()
    expect(page.get_by_text("Animals")).to_have_count(0)


def test_a_style_button_writes_its_words_into_the_style(page: Page) -> None:
    write_list(page, ["a fox"])
    style = page.get_by_label("Style")
    style.fill("at night")
    for words in ("watercolour", "warm colours"):
        page.get_by_role("button", name=words).press("Enter")
    expect(style).to_have_value("at night, watercolour, warm colours")
    bill = page.get_by_role("complementary", name="Summary")
    expect(bill).to_contain_text("a fox, at night, watercolour, warm colours")
    page.get_by_role("button", name="watercolour").click()
    expect(style).to_have_value("at night, warm colours")


def test_a_style_button_shows_whether_its_words_are_in_the_style(page: Page) -> None:
    write_list(page, ["a fox"])
    button = page.get_by_role("button", name="watercolour")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Style").fill("Watercolour, at night")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Style").fill("watercolours")
    expect(button).to_have_attribute("aria-pressed", "false")
