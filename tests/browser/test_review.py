"""The contact sheet: verdicts with keys and buttons, versions, and the ZIP of what was kept."""

import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.batch_page import expect_stored, follow, make_batch, sign_in_somebody
from tests.processes import wait_for
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tab: Page) -> Page:
    """The page of a batch in review."""
    make_batch(tab, ["a cat", "a dog", "an owl"])
    expect_stored(tab, 3)
    tab.get_by_role("button", name="Review", exact=True).click()
    return tab


def decide(page: Page, *keys: str) -> None:
    page.locator('[data-position="1"] [data-part="open"]').focus()
    for key in keys:
        page.keyboard.press(key)


def saved_zip(page: Page, button: str) -> zipfile.ZipFile:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return zipfile.ZipFile(download.value.path())


def test_a_review_begins_at_the_first_undecided_image(page: Page) -> None:
    with page.expect_response("**/verdicts/"):
        page.keyboard.press("p")
    page.reload()
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.locator('[data-position="2"] [data-part="open"]')).to_be_focused()


def test_keys_decide_and_go_to_the_next_image(page: Page, site: Stack) -> None:
    decide(page, "p", "x")
    expect(page.locator("[data-review]")).to_contain_text("1 kept, 1 rejected, 1 undecided")
    expect(page.locator('[data-position="3"] [data-part="open"]')).to_be_focused()
    wait_for(lambda: [row[0] for row in verdicts(page, site)] == ["keep", "reject", ""])


def verdicts(page: Page, site: Stack) -> list[tuple[str]]:
    batch = page.locator("[data-batch]").get_attribute("data-batch").replace("-", "")
    return site.query(f"select verdict from batches_prompt where batch_id = '{batch}' order by position")


def test_a_verdict_is_not_sent_before_the_one_before_it_has_arrived(page: Page, site: Stack) -> None:
    held: list[Route] = []
    page.route("**/verdicts/", lambda route: held.append(route))
    decide(page, "p")
    wait_for(lambda: page.evaluate("1") and held)
    page.locator('[data-position="1"] [data-part="open"]').focus()
    page.keyboard.press("x")
    # Longer than verdicts are collected.
    page.wait_for_timeout(1_000)
    assert len(held) == 1
    held[0].continue_()
    wait_for(lambda: page.evaluate("1") and len(held) == 2)
    held[1].continue_()
    wait_for(lambda: verdicts(page, site)[0][0] == "reject")


def test_the_alert_that_a_verdict_is_not_sent_goes_when_it_is(context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    own = context.new_page()
    make_batch(own, ["a cat", "a dog"])
    expect_stored(own, 2)
    own.get_by_role("button", name="Review", exact=True).click()
    own.route("**/verdicts/", lambda route: route.abort())
    decide(own, "p")
    alert = own.locator("[data-alerts]")
    expect(alert).to_have_text("We can’t reach the server. We’ll save your review in a moment.")
    own.unroute("**/verdicts/")
    expect(alert).to_be_empty(timeout=20_000)
    assert [row[0] for row in verdicts(own, site)] == ["keep", ""]


def test_verdicts_are_there_after_a_reload_and_can_be_taken_back(page: Page) -> None:
    with page.expect_response("**/verdicts/"):
        decide(page, "p")
    page.reload()
    page.get_by_role("button", name="Review", exact=True).click()
    keep = page.locator('li[data-position="1"]').get_by_role("button", name="Keep")
    expect(keep).to_have_attribute("aria-pressed", "true")
    keep.click()
    expect(page.locator("[data-review]")).to_contain_text("0 kept")


def test_letters_do_nothing_when_the_keys_are_off(page: Page) -> None:
    page.get_by_label("Keys:").uncheck()
    decide(page, "x")
    expect(page.locator("[data-review]")).to_contain_text("0 rejected")


def test_the_zip_of_the_kept_has_only_these(page: Page) -> None:
    decide(page, "p", "x", "p")
    assert saved_zip(page, "Download kept images").namelist() == ["1 a cat.png", "3 an owl.png", "manifest.csv"]


def test_a_filter_shows_the_undecided_only(page: Page) -> None:
    decide(page, "p")
    page.get_by_label("Show").select_option("Undecided")
    expect(page.locator("li.tile:visible")).to_have_count(2)


def test_nothing_is_offered_to_be_made_again_while_the_original_of_a_rejected_edit_is_kept(
    page: Page, site: Stack
) -> None:
    page.goto(f"{page.url}images/1/edit/")
    page.get_by_label("Instruction").fill("make the sky green")
    page.get_by_role("button", name="Edit image").click()
    expect_stored(page, 4)
    page.get_by_role("button", name="Review", exact=True).click()
    decide(page, "p", "x")
    expect(page.locator("[data-review]")).to_contain_text("1 kept, 1 rejected, 2 undecided")
    expect(page.get_by_role("button", name="Create the rejected again")).to_be_hidden()


def test_rejected_images_are_made_again_and_the_new_version_is_in_the_zip(page: Page) -> None:
    with page.expect_response("**/verdicts/"):
        decide(page, "u", "x")
    page.get_by_role("button", name="Create the rejected again").click()
    expect_stored(page, 4)
    expect(page.locator('li[data-position="4"]')).to_contain_text("2 a dog_v2.png")
    assert saved_zip(page, "Download ZIP").namelist()[:3] == ["1 a cat.png", "2 a dog.png", "3 an owl.png"]


def test_versions_are_compared_side_by_side(page: Page) -> None:
    follow(page, page.locator('li[data-position="1"]').get_by_role("link", name="Create again"))
    page.get_by_label("Prompt").fill("a red cat")
    page.get_by_role("button", name="Create again").click()
    expect_stored(page, 4)
    page.locator('[data-position="1"] [data-part="open"]').click()
    page.get_by_role("button", name="Compare versions").click()
    expect(page.locator("dialog figure")).to_have_count(2)
    page.locator("dialog figure").last.get_by_role("button", name="Keep").click()
    expect(page.locator('li[data-position="4"]')).to_have_attribute("data-verdict", "keep")
