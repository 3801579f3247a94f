"""Writing help in a browser: nothing in the list changes without a click, and each click can be undone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.batch_page import follow, make_batch, write_list

pytestmark = pytest.mark.browser
USE, KEEP = "[data-choice=use]", "[data-choice=keep]"


def lines(page: Page) -> list[str]:
    return page.get_by_label("Prompts").input_value().split("\n")


def test_a_suggestion_is_used_and_taken_back(tab: Page) -> None:
    write_list(tab, ["a fox", "", "an owl"])
    tab.get_by_role("button", name="All prompts").click()
    expect(tab.locator("li.suggestion")).to_have_count(2)
    assert lines(tab) == ["a fox", "", "an owl"]
    second = tab.locator("li.suggestion").nth(1)
    second.locator(USE).press("Enter")
    first, blank, changed = lines(tab)
    assert (first, blank) == ("a fox", "")
    assert changed.startswith("an owl, ")
    expect(tab.get_by_role("complementary", name="Summary")).to_contain_text(changed[:60])
    second.locator(KEEP).press("Enter")
    assert lines(tab) == ["a fox", "", "an owl"]


def test_the_line_with_the_cursor_is_improved_alone(tab: Page) -> None:
    write_list(tab, ["a fox", "an owl"])
    tab.get_by_label("Prompts").press("Control+End")
    tab.get_by_role("button", name="This line").click()
    expect(tab.locator("li.suggestion")).to_have_count(1)
    tab.get_by_role("button", name="Use all").click()
    assert [line.partition(",")[0] for line in lines(tab)] == ["a fox", "an owl"]
    assert lines(tab)[0] == "a fox"
    assert "," in lines(tab)[1]


def test_many_prompts_are_asked_for_ten_at_a_time(tab: Page) -> None:
    write_list(tab, [f"picture {n}" for n in range(1, 24)])
    tab.get_by_role("button", name="All prompts").click()
    expect(tab.get_by_text("Suggestions for 23 of 23 prompts")).to_be_visible()
    tab.get_by_role("button", name="Use all").click()
    assert all("," in line for line in lines(tab))


def test_a_line_that_was_changed_meanwhile_is_left_alone(tab: Page) -> None:
    write_list(tab, ["a fox"])
    tab.get_by_role("button", name="All prompts").click()
    expect(tab.locator("li.suggestion")).to_have_count(1)
    tab.get_by_label("Prompts").fill("a wolf")
    tab.locator(USE).click()
    expect(tab.get_by_text("You’ve changed this prompt in the list")).to_be_visible()
    assert lines(tab) == ["a wolf"]


def test_a_refusal_is_explained_and_changes_nothing(tab: Page) -> None:
    write_list(tab, ["a fox [refuse]"])
    tab.get_by_role("button", name="All prompts").click()
    expect(tab.locator("[data-problem]")).to_contain_text("declined this text")
    assert lines(tab) == ["a fox [refuse]"]


def test_without_the_server_the_page_says_so(tab: Page) -> None:
    write_list(tab, ["a fox"])
    tab.route("**/improve/", lambda route: route.abort())
    tab.get_by_role("button", name="All prompts").click()
    expect(tab.locator("[data-problem]")).to_have_text("We can’t reach the server. Try again.")


def test_the_list_is_written_for_the_customer(tab: Page) -> None:
    write_list(tab, ["a fox"], ratio="16:9")
    tab.get_by_text("Write the list for me").click()
    tab.get_by_label("Subject").fill("owls")
    tab.get_by_label("How many").fill("4")
    tab.get_by_role("button", name="Write the prompts").click()
    expect(tab.get_by_label("Prompts")).to_have_value(re.compile("^a fox(\n.+){4}$"))
    expect(tab.get_by_label("Subject")).to_have_value("owls")
    expect(tab.locator('input[name="ratio"][value="16:9"]')).to_be_checked()


def test_a_refused_prompt_is_worded_anew_and_made(tab: Page) -> None:
    make_batch(tab, ["a fox [refuse]"])
    follow(tab, tab.get_by_role("link", name="Edit and retry"))
    tab.get_by_role("button", name="Suggest another wording").click()
    expect(tab.get_by_role("heading", name="Suggested wording")).to_be_visible()
    expect(tab.get_by_label("Prompt")).to_have_value("a fox [refuse]")
    tab.get_by_role("button", name="Use this").click()
    expect(tab.get_by_label("Prompt")).not_to_have_value("a fox [refuse]")
    tab.get_by_role("button", name="Retry").click()
    expect(tab.locator("li.tile[data-status=ready]")).to_have_count(1)
