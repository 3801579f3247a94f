"""Writing help in a browser: nothing in the list changes without a click, and each click can be undone."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import behave, make_batch, sign_in_somebody, write_list
from tests.servers import Stack

pytestmark = pytest.mark.browser
USE, KEEP = "[data-choice=use]", "[data-choice=keep]"


@pytest.fixture(autouse=True)
def _signed_in(site: Stack, context: BrowserContext) -> None:
    behave(site, delay_seconds=0.1, image_bytes=None)
    sign_in_somebody(context, site)


def lines(page: Page) -> list[str]:
    return page.get_by_label("Prompts").input_value().split("\n")


def test_a_suggestion_is_used_and_taken_back(page: Page) -> None:
    write_list(page, ["a fox", "", "an owl"])
    page.get_by_role("button", name="All prompts").click()
    expect(page.locator("li.suggestion")).to_have_count(2)
    assert lines(page) == ["a fox", "", "an owl"]
    second = page.locator("li.suggestion").nth(1)
    second.locator(USE).press("Enter")
    first, blank, changed = lines(page)
    assert (first, blank) == ("a fox", "")
    assert changed.startswith("an owl, ")
    expect(page.get_by_role("complementary", name="Summary")).to_contain_text(changed[:60])
    second.locator(KEEP).press("Enter")
    assert lines(page) == ["a fox", "", "an owl"]


def test_the_line_with_the_cursor_is_improved_alone(page: Page) -> None:
    write_list(page, ["a fox", "an owl"])
    page.get_by_label("Prompts").press("Control+End")
    page.get_by_role("button", name="This line").click()
    expect(page.locator("li.suggestion")).to_have_count(1)
    page.get_by_role("button", name="Use all").click()
    assert [line.partition(",")[0] for line in lines(page)] == ["a fox", "an owl"]
    assert lines(page)[0] == "a fox"
    assert "," in lines(page)[1]


def test_many_prompts_are_asked_for_ten_at_a_time(page: Page) -> None:
    write_list(page, [f"picture {n}" for n in range(1, 24)])
    page.get_by_role("button", name="All prompts").click()
    expect(page.get_by_text("Suggestions for 23 of 23 prompts")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Use all").click()
    assert all("," in line for line in lines(page))


def test_a_line_that_was_changed_meanwhile_is_left_alone(page: Page) -> None:
    write_list(page, ["a fox"])
    page.get_by_role("button", name="All prompts").click()
    expect(page.locator("li.suggestion")).to_have_count(1)
    page.get_by_label("Prompts").fill("a wolf")
    page.locator(USE).click()
    expect(page.get_by_text("You’ve changed this prompt in the list")).to_be_visible()
    assert lines(page) == ["a wolf"]


def test_a_refusal_is_explained_and_changes_nothing(page: Page) -> None:
    write_list(page, ["a fox [refuse]"])
    page.get_by_role("button", name="All prompts").click()
    expect(page.locator("[data-problem]")).to_contain_text("declined this text")
    assert lines(page) == ["a fox [refuse]"]


def test_the_list_is_written_for_the_customer(page: Page) -> None:
    write_list(page, ["a fox"], ratio="16:9")
    page.get_by_text("Write the list for me").click()
    page.get_by_label("Subject").fill("owls")
    page.get_by_label("How many").fill("4")
    page.get_by_role("button", name="Write the prompts").click()
    expect(page.get_by_label("Subject")).to_have_value("owls")
    assert (lines(page)[0], len(lines(page))) == ("a fox", 5)
    expect(page.locator('input[name="ratio"][value="16:9"]')).to_be_checked()


def test_a_refused_prompt_is_worded_anew_and_made(page: Page) -> None:
    make_batch(page, ["a fox [refuse]"])
    page.get_by_role("link", name="Edit and retry").click()
    page.get_by_role("button", name="Suggest another wording").click()
    expect(page.get_by_role("heading", name="Suggested wording")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("a fox [refuse]")
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_label("Prompt")).not_to_have_value("a fox [refuse]")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("li.tile[data-status=ready]")).to_have_count(1, timeout=30_000)
