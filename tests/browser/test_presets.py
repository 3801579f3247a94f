"""Presets and style buttons in a browser: everything that is chosen can be seen in the form."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.batch_page import ADDRESS, draft_of, write_list

pytestmark = pytest.mark.browser


def test_a_list_is_saved_as_a_preset_and_started_again(tab: Page) -> None:
    write_list(tab, ["a fox", "an owl"], names=["one", "two"], ratio="16:9")
    tab.get_by_text("Save as preset").click()
    tab.get_by_label("Preset title").fill("Animals")
    tab.get_by_role("button", name="Save preset").click()
    expect(tab.get_by_text("Preset saved.")).to_be_visible()
    expect(tab.get_by_label("Prompts")).to_have_value("a fox\nan owl")
    tab.get_by_role("link", name="Start from a preset").click()
    tab.get_by_role("link", name="Use Animals").click()
    expect(tab.get_by_role("textbox", name="File names")).to_have_value("one\ntwo")
    tab.get_by_role("button", name="Create images").click()
    tab.wait_for_url(ADDRESS)
    expect(tab.locator("li.tile")).to_have_count(2)


def test_a_preset_replaces_a_draft_only_when_it_is_changed(tab: Page) -> None:
    write_list(tab, ["a list of mine"])
    assert draft_of(tab)["prompts"] == "a list of mine"
    tab.goto("/batches/presets/")
    tab.get_by_role("link", name="Use Icon set").click()
    tab.get_by_role("link", name="Back to my list").click()
    expect(tab.get_by_label("Prompts")).to_have_value("a list of mine")


def save_preset(tab: Page, title: str) -> None:
    """Save a list as a preset."""
    write_list(tab, ["a fox"])
    tab.get_by_text("Save as preset").click()
    tab.get_by_label("Preset title").fill(title)
    tab.get_by_role("button", name="Save preset").click()
    expect(tab.get_by_text("Preset saved.")).to_be_visible()


def test_a_preset_is_deleted_after_a_question(tab: Page) -> None:
    save_preset(tab, "Birds")
    tab.get_by_role("link", name="Start from a preset").click()
    tab.get_by_role("button", name="Delete Birds").click()
    tab.get_by_role("button", name="Delete preset").click()
    expect(tab.get_by_text("Preset deleted.")).to_be_visible()
    expect(tab.get_by_text("Birds")).to_have_count(0)


def test_a_preset_is_not_deleted_without_a_question_while_scripts_are_loading(tab: Page) -> None:
    def come_late(route: Route) -> None:
        tab.wait_for_timeout(1000)
        route.continue_()

    save_preset(tab, "Fish")
    tab.route("**/static/js/**", come_late)
    tab.goto("/batches/presets/", wait_until="commit")
    tab.get_by_role("button", name="Delete Fish").click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.get_by_role("button", name="Back").click()
    expect(tab.get_by_role("button", name="Delete Fish")).to_be_visible()


def test_a_style_button_writes_its_words_into_the_style(tab: Page) -> None:
    write_list(tab, ["a fox"])
    style = tab.get_by_label("Style")
    style.fill("at night")
    for words in ("watercolour", "warm colours"):
        tab.get_by_role("button", name=words).press("Enter")
    expect(style).to_have_value("at night, watercolour, warm colours")
    bill = tab.get_by_role("complementary", name="Summary")
    expect(bill).to_contain_text("a fox, at night, watercolour, warm colours")
    tab.get_by_role("button", name="watercolour").click()
    expect(style).to_have_value("at night, warm colours")


def test_a_style_button_shows_whether_its_words_are_in_the_style(tab: Page) -> None:
    write_list(tab, ["a fox"])
    button = tab.get_by_role("button", name="watercolour")
    expect(button).to_have_attribute("aria-pressed", "false")
    tab.get_by_label("Style").fill("Watercolour, at night")
    expect(button).to_have_attribute("aria-pressed", "true")
    tab.get_by_label("Style").fill("watercolours")
    expect(button).to_have_attribute("aria-pressed", "false")
