"""The form of a new batch in a browser: the live bill, the draft, the choices."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.batch_page import (
    ADDRESS,
    draft_of,
    expect_stored,
    late_script,
    make_batch_in_form,
    sign_in_somebody,
    write_list,
)
from tests.servers import Stack, wait_for

pytestmark = pytest.mark.browser
#: Hidden, because laying them out takes half a minute.
SEND_COMMAS = """(length) => {
  const form = document.querySelector("form[data-draft]");
  form.hidden = true;
  form.elements.prompts.value = ",".repeat(length);
  form.submit();
}"""
#: Chromium takes seconds to insert a thousand lines as if they were typed, and half a minute on a busy machine.
SET_VALUE = """(area, value) => {
  area.value = value;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}"""
#: Counts the changes of what screen readers read by themselves.
COUNT_CHANGES = """() => {
  window.changes = 0;
  const observer = new MutationObserver((records) => { window.changes += records.length; });
  for (const place of document.querySelectorAll("output, [role=status]")) observer.observe(place, { childList: true });
}"""
#: Marks the page when the form is submitted, instead of leaving it.
NOTE_SUBMITTED = """() => document.querySelector("form[data-draft]").addEventListener("submit", (event) => {
  event.preventDefault();
  document.documentElement.dataset.submitted = "";
})"""


def test_the_bill_follows_what_is_typed(tab: Page) -> None:
    write_list(tab, ["a fox", "a fox"], names=["../../x"])
    bill = tab.get_by_role("complementary", name="Summary")
    expect(bill).to_contain_text("a fox.png")
    tab.locator('input[name="quality"][value="high"]').check(force=True)
    tab.locator('input[name="format"][value="jpg"]').check(force=True)
    expect(bill).to_contain_text("a fox.jpg")
    expect(bill.locator("[data-kind=total]")).to_contain_text("16")


def test_the_bill_says_that_there_are_too_few_credits(tab: Page) -> None:
    write_list(tab, [f"picture {n}" for n in range(210)])
    expect(tab.get_by_role("complementary", name="Summary")).to_contain_text("You need 5 more credits.")


def test_errors_of_the_list_name_the_line(tab: Page) -> None:
    write_list(tab, ["a fox", "x" * 32_001])
    expect(tab.get_by_role("complementary", name="Summary")).to_contain_text(
        "Prompt 2: the prompt has 32,001 characters"
    )


def test_only_the_qualities_of_the_model_are_offered(tab: Page) -> None:
    write_list(tab, ["a fox"], quality="max")
    tab.locator('input[name="model"][value="gpt-image-2"]').check(force=True)
    expect(tab.locator('input[name="quality"][value="max"]')).to_be_disabled()
    expect(tab.locator('input[name="quality"][value="low"]')).to_be_checked()


def test_a_draft_survives_a_closed_tab_and_goes_when_it_has_become_a_batch(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    write_list(page, ["a fox", "an owl"], ratio="16:9")
    wait_for(lambda: draft_of(page)["ratio"] == "16:9")
    page.close()
    page = context.new_page()
    page.goto("/batches/new/")
    expect(page.get_by_label("Prompts")).to_have_value("a fox\nan owl")
    expect(page.locator('input[name="ratio"][value="16:9"]')).to_be_checked()
    page.get_by_role("button", name="Create images").click()
    page.wait_for_url(ADDRESS)
    page.goto("/batches/new/")
    expect(page.get_by_label("Prompts")).to_have_value("")


def test_a_form_sent_again_by_going_back_makes_another_batch(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    first = make_batch_in_form(page, ["a fox"])
    page.go_back()
    page.get_by_label("Prompts").fill("an owl")
    page.get_by_role("button", name="Create images").click()
    page.wait_for_url(ADDRESS)
    assert first not in page.url


def test_after_going_back_the_bill_is_of_the_list_that_the_browser_has_filled_in(tab: Page) -> None:
    make_batch_in_form(tab, ["a fox", "an owl"])
    tab.go_back()
    expect(tab.get_by_label("Prompts")).to_have_value("a fox\nan owl")
    expect(tab.locator("output[for=prompts]")).to_contain_text("2 of")
    expect(tab.locator(".bill .facts div", has_text="Credits needed")).to_contain_text("2", timeout=20_000)
    assert tab.evaluate("Object.keys(localStorage).filter((key) => /^draft/.test(key) && !/:sent$/.test(key))") == []


def test_a_double_click_makes_one_batch(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    write_list(page, ["a fox"])
    page.get_by_role("button", name="Create images").dblclick()
    page.wait_for_url(ADDRESS)
    page.goto("/batches/")
    expect(page.locator(".batches > li")).to_have_count(1)


def test_a_list_is_sent_in_no_more_bytes_than_it_has_letters(tab: Page) -> None:
    tab.goto("/batches/new/")
    with tab.expect_request(lambda request: request.method == "POST") as sent:
        tab.evaluate(SEND_COMMAS, 200_000)
    assert len(sent.value.post_data_buffer or b"") < 210_000
    expect(tab.get_by_text("the prompt has 200,000 characters").first).to_be_visible()


def test_a_prompt_that_is_far_too_long_is_not_laid_out_again(tab: Page) -> None:
    tab.goto("/batches/new/")
    tab.evaluate(SEND_COMMAS, 400_000)
    expect(tab.get_by_text("the prompt has 400,000 characters").first).to_be_visible()
    expect(tab.get_by_label("Prompts")).to_have_value("")


def test_enter_in_a_line_or_on_a_choice_starts_nothing(tab: Page) -> None:
    write_list(tab, ["a fox"])
    tab.evaluate(NOTE_SUBMITTED)
    for field in ("title", "model", "quality", "ratio", "format"):
        tab.locator(f'input[name="{field}"]').first.press("Enter")
    expect(tab.locator("html[data-submitted]")).to_have_count(0)


def test_enter_starts_nothing_while_the_scripts_are_loading(tab: Page) -> None:
    def come_late(route: Route) -> None:
        tab.wait_for_timeout(1000)
        route.continue_()

    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.method))
    tab.route("**/static/js/**", come_late)
    tab.goto("/batches/new/", wait_until="commit")
    tab.locator("input[name=title]").press("Enter")
    tab.wait_for_load_state()
    assert "POST" not in sent


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_button_starts_the_batch_by_its_keys(tab: Page, key: str) -> None:
    write_list(tab, ["a fox"])
    tab.evaluate(NOTE_SUBMITTED)
    tab.get_by_role("button", name="Create images").press(key)
    expect(tab.locator("html[data-submitted]")).to_have_count(1)


def test_a_pasted_list_is_shown_from_the_start_of_its_lines(tab: Page) -> None:
    tab.goto("/batches/new/")
    tab.get_by_label("Style").fill("a fox\n" + "a very long prompt " * 30)
    tab.get_by_label("Style").press("Control+A")
    tab.get_by_label("Style").press("Control+X")
    tab.get_by_label("Prompts").press("Control+V")
    expect(tab.get_by_label("Prompts")).to_have_value(re.compile("^a fox\n"))
    # After the script, which waits as long.
    tab.evaluate("new Promise((done) => setTimeout(done))")
    assert tab.get_by_label("Prompts").evaluate("area => area.scrollLeft") == 0


def test_a_thousand_lines_do_not_freeze_the_page(tab: Page) -> None:
    tab.goto("/batches/new/")
    lines = "\n".join(f"picture number {n} of a long list" for n in range(1000))
    tab.get_by_label("Prompts", exact=True).evaluate(SET_VALUE, lines)
    expect(tab.locator(".bill-rows li")).to_have_count(1000)
    started = tab.evaluate("performance.now()")
    tab.get_by_label("Style").press_sequentially("oil")
    # Far more than it takes, for slow and busy machines.
    assert tab.evaluate("performance.now()") - started < 15_000


def test_the_first_of_a_long_list_are_made_and_the_rest_waits_as_a_draft(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site, credits=0)
    write_list(page, [f"picture {n}" for n in range(1, 8)], names=["one", "two"])
    page.get_by_role("button", name="Create the first 5, save the rest as a draft").click()
    page.wait_for_url(ADDRESS)
    expect_stored(page, 5)
    rest = page.get_by_role("link", name="Continue with the rest")
    rest.click()
    expect(page.get_by_label("Prompts")).to_have_value("picture 6\npicture 7")
    key = page.locator("[name=submission_key]").input_value()
    wait_for(lambda: draft_of(page)["submission_key"] == key)
    page.go_back()
    rest.click()
    page.get_by_role("button", name="Clear the form").click()
    page.go_back()
    expect(page.locator("[data-tiles]")).to_be_visible()
    expect(rest).to_be_hidden()


def test_the_offer_to_make_the_first_ones_is_not_for_a_list_that_has_changed(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site, credits=0)
    write_list(page, [f"picture {n}" for n in range(1, 8)])
    offer = page.get_by_role("button", name="Create the first 5")
    expect(offer).to_be_enabled()
    # At once: half a second later there is an offer for the changed list.
    change = "document.querySelector('#prompts').dispatchEvent(new Event('input', { bubbles: true }))"
    assert offer.evaluate(f"(button) => {{ {change}; return button.disabled; }}")


def test_the_bill_of_a_list_that_has_changed_since_is_not_shown(tab: Page) -> None:
    write_list(tab, ["a fox"])
    bill = tab.get_by_role("complementary", name="Summary")
    expect(bill).to_contain_text("a fox.png")
    # Pressed, so that the next bill waits.
    tab.get_by_label("Prompts").hover()
    tab.mouse.down()
    with tab.expect_response("**/bill/**"):
        tab.keyboard.type("s")
    tab.keyboard.press("Control+A")
    tab.keyboard.press("Delete")
    expect(bill).to_contain_text("Enter your prompts to see the cost")
    tab.mouse.up()
    # Longer than the script waits between two looks.
    tab.wait_for_timeout(200)
    expect(bill).to_contain_text("Enter your prompts to see the cost")


def test_screen_readers_are_told_the_counts_only_when_they_change(tab: Page) -> None:
    write_list(tab, ["a fox"])
    expect(tab.get_by_text("Credits needed: 1 of")).to_be_attached()
    tab.evaluate(COUNT_CHANGES)
    with tab.expect_response("**/bill/**"):
        tab.get_by_label("Style").fill("oil")
    expect(tab.locator(".bill-body")).not_to_have_attribute("aria-busy", "true")
    assert tab.evaluate("window.changes") == 0
    with tab.expect_response("**/bill/**"):
        tab.get_by_label("Prompts").fill("a fox\nan owl")
    expect(tab.get_by_text("Credits needed: 2 of")).to_be_attached()
    assert tab.evaluate("window.changes") > 0


def test_errors_of_a_sent_form_go_when_the_list_is_mended(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site, credits=0)
    write_list(page, [f"picture {n}" for n in range(1, 8)])
    page.get_by_role("button", name="Create images").click()
    error = page.get_by_role("alert").filter(has_text="This batch needs 7 credits")
    expect(error).to_be_visible()
    page.get_by_label("Prompts").fill("picture 1")
    expect(error).to_have_count(0)


def test_what_is_typed_while_the_scripts_are_loading_is_in_the_draft(tab: Page) -> None:
    with late_script(tab, "**/new-batch/draft*"):
        tab.goto("/batches/new/", wait_until="commit")
        tab.get_by_label("Prompts", exact=True).fill("a fox")
    assert draft_of(tab)["prompts"] == "a fox"


def test_a_style_that_is_typed_while_the_scripts_are_loading_is_not_replaced_by_the_draft(tab: Page) -> None:
    write_list(tab, ["a fox"])
    draft_of(tab)
    with late_script(tab, "**/new-batch/draft*"):
        tab.goto("/batches/new/", wait_until="commit")
        tab.get_by_label("Style").fill("oil")
    expect(tab.get_by_label("Prompts", exact=True)).to_have_value("a fox")
    expect(tab.get_by_label("Style")).to_have_value("oil")


def test_a_list_that_is_mended_while_the_scripts_are_loading_has_a_new_bill(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site, credits=0)
    write_list(page, [f"picture {n}" for n in range(1, 8)])
    error = page.get_by_role("alert").filter(has_text="This batch needs 7 credits")
    with late_script(page, "**/new-batch/bill*"):
        page.get_by_role("button", name="Create images").click()
        expect(error).to_be_visible()
        page.get_by_label("Prompts").fill("picture 1")
    expect(error).to_have_count(0)
    expect(page.get_by_text("Credits needed: 1 of 5")).to_be_attached()
