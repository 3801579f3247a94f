"""What a customer does to a running batch, by the buttons of its page."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.batch_page import (
    behave,
    delete_batch,
    expect_stored,
    follow,
    late_script,
    make_batch,
    prompts,
    read_stored,
    sign_in_somebody,
)
from tests.servers import Stack, wait_for
from tests.upstream import LONG

pytestmark = pytest.mark.browser
#: Marks the page once a thumbnail has been drawn, which is the last that is done before an image is stored.
NOTE_DRAWN = """() => {
  const draw = OffscreenCanvas.prototype.convertToBlob;
  OffscreenCanvas.prototype.convertToBlob = async function (...options) {
    const drawn = await draw.apply(this, options);
    document.documentElement.dataset.drawn = "1";
    return drawn;
  };
}"""


def test_a_refused_prompt_says_why_and_is_made_after_editing(tab: Page) -> None:
    make_batch(tab, ["a fox", "a knight [refuse]", "an owl"])
    failed = tab.locator('li.tile[data-status="failed"]')
    expect(failed).to_contain_text("Edit the prompt")
    expect(failed).to_contain_text("You weren’t charged.")
    expect_stored(tab, 2)
    follow(tab, failed.get_by_role("link", name="Edit and retry"))
    tab.get_by_label("Prompt").fill("a knight at rest")
    tab.get_by_role("button", name="Retry").click()
    expect_stored(tab, 3)
    expect(tab.locator('li.tile[data-position="2"]')).to_contain_text("a knight at rest")


def test_a_new_wording_survives_the_end_of_the_session(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    make_batch(page, ["a knight [refuse]"])
    follow(page, page.get_by_role("link", name="Edit and retry"))
    page.get_by_label("Prompt").fill("a knight at rest")
    cookies = context.cookies()
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Retry").click()
    page.wait_for_url("**/accounts/login/**")
    context.add_cookies(cookies)
    page.goto(parse_qs(urlsplit(page.url).query)["next"][0])
    expect(page.get_by_label("Prompt")).to_have_value("a knight at rest")


def test_what_is_typed_before_the_scripts_are_loaded_is_restored_too(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    make_batch(page, ["a knight [refuse]"])
    with late_script(page, "**/restore-text*"):
        page.get_by_role("link", name="Edit and retry").click()
        page.get_by_label("Prompt").fill("a knight at rest")
    page.wait_for_load_state()
    page.reload()
    expect(page.get_by_label("Prompt")).to_have_value("a knight at rest")


def test_the_credits_that_a_refusal_gives_back_are_seen_at_once(
    page: Page, site: Stack, context: BrowserContext
) -> None:
    sign_in_somebody(context, site)
    behave(site, delay_seconds=LONG)
    make_batch(page, ["a fox", "a knight [refuse]"])
    expect(page.locator("a[data-credits]")).to_have_text("203 credits")
    behave(site)
    expect(page.locator('li.tile[data-status="failed"]')).to_have_count(1)
    expect(page.locator("a[data-credits]")).to_have_text("204 credits")


def test_retrying_the_failed_ones_makes_them(tab: Page, site: Stack) -> None:
    make_batch(tab, ["a fox", "a jug [text once]", "a knight [refuse]"])
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "finished")
    behave(site, delay_seconds=LONG)
    tab.get_by_role("button", name="Retry failed").click()
    expect(tab.get_by_text("We’re retrying 1 prompt. 1 needs a new wording.")).to_be_visible()
    behave(site)
    expect_stored(tab, 2)


def test_a_message_about_a_retry_goes_when_the_retry_is_over(tab: Page, site: Stack) -> None:
    make_batch(tab, ["a fox", "a jug [text twice]"])
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "finished")
    behave(site, delay_seconds=LONG)
    tab.get_by_role("button", name="Retry failed").click()
    expect(tab.get_by_text("We’re retrying 1 prompt.")).to_be_visible()
    behave(site)
    expect(tab.locator('li.tile[data-status="failed"]')).to_have_count(1)
    expect(tab.get_by_text("We’re retrying 1 prompt.")).to_have_count(0)


def test_nothing_moves_where_the_system_asks_for_less_motion(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(tab, ["a fox"])
    picture = tab.locator('li.tile[data-status="generating"] .tile-picture')
    expect(picture).to_have_css("animation-name", "none")
    tab.emulate_media(reduced_motion="no-preference")
    expect(picture).to_have_css("animation-name", "tile-shimmer")


def test_the_bar_of_a_finished_batch_shows_what_has_failed(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(tab, ["a fox", "a jug [refuse]"])
    bar = tab.locator('[data-headline] [data-part="bar"]')
    expect(bar).to_have_css("background-image", "none")
    behave(site)
    expect(bar).to_have_attribute("data-status", "finished")
    expect(bar).to_have_css("background-image", re.compile("gradient"))


def test_the_bar_of_a_cancelled_batch_is_not_that_of_a_failure(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(tab, ["a fox", "an owl"])
    tab.get_by_role("button", name="Cancel", exact=True).click()
    tab.get_by_role("button", name="Cancel batch").click()
    bar = tab.locator('[data-headline] [data-part="bar"]')
    expect(bar).to_have_attribute("data-status", "cancelled")
    fill, bad = bar.evaluate("bar => ['--fill', '--bad'].map((name) => getComputedStyle(bar).getPropertyValue(name))")
    assert fill != bad


def test_a_paused_batch_goes_on_when_resumed(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    batch = make_batch(tab, [f"picture {n}" for n in range(8)])
    tab.get_by_role("button", name="Pause").click()
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "paused")
    behave(site)
    # The image in flight is finished.
    wait_for(lambda: not prompts(site, batch, "status = 'generating'"))
    assert len(prompts(site, batch, "status = 'ready'")) < 8
    tab.get_by_role("button", name="Resume").click()
    expect_stored(tab, 8)


def test_cancelling_asks_first_and_keeps_what_is_ready(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(tab, ["[slow 0] a fox", "an owl", "a hare"])
    expect(tab.locator("li.tile[data-stored]")).not_to_have_count(0)
    tab.get_by_role("button", name="Cancel", exact=True).click()
    tab.get_by_role("button", name="Back").click()
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", re.compile("running|queued"))
    tab.get_by_role("button", name="Cancel", exact=True).click()
    tab.get_by_role("button", name="Cancel batch").click()
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "cancelled")
    expect(tab.locator('li.tile[data-position="1"] [data-part="open"]')).to_be_visible()
    expect(tab.get_by_role("link", name=re.compile("^(Edit|Create again)$"))).to_have_count(0)
    expect(tab.locator("li.tile[data-stored]")).not_to_have_count(0)
    expect(tab.get_by_role("button", name="Pause")).to_be_hidden()


def test_an_image_in_flight_while_cancelling_still_arrives_on_the_page(tab: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(tab, ["one", "two"])
    expect(tab.locator('li.tile[data-status="generating"]')).to_have_count(1)
    tab.get_by_role("button", name="Cancel", exact=True).click()
    tab.get_by_role("button", name="Cancel batch").click()
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "cancelled")
    expect(tab.locator('li.tile[data-status="generating"]')).to_have_count(1)
    behave(site)
    expect_stored(tab, 1)


def test_images_deleted_from_this_device_stay_away_until_asked_back(tab: Page) -> None:
    batch = make_batch(tab, ["one", "two"])
    expect_stored(tab, 2)
    tab.get_by_role("button", name="Delete from this device").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete from this device").click()
    expect_stored(tab, 0)
    tab.reload()
    expect(tab.get_by_text("You deleted files of this batch")).to_be_visible()
    assert read_stored(tab, batch) == {}
    tab.get_by_role("button", name="Download again").click()
    expect_stored(tab, 2)


def test_the_viewer_closes_when_its_image_is_deleted_in_another_tab(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    make_batch(page, ["a fox"])
    expect_stored(page, 1)
    page.locator("[data-part=open]").first.click()
    expect(page.locator("dialog[data-viewer] img")).to_be_visible()
    other = context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Delete from this device").first.click()
    other.get_by_role("dialog").get_by_role("button", name="Delete from this device").click()
    expect(page.locator("dialog[data-viewer]")).to_be_hidden()


def test_an_image_that_arrives_after_deleting_does_not_stay(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    held: list[Route] = []
    page.route(re.compile(r"/images/\d+/$"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"/images/1/$"), timeout=60_000):
        batch = make_batch(page, ["one"])
    page.evaluate(NOTE_DRAWN)
    page.get_by_role("button", name="Delete from this device").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete from this device").click()
    expect(page.get_by_text("You deleted files of this batch")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("html[data-drawn]")).to_have_count(1)
    assert read_stored(page, batch) == {}


def test_a_deleted_batch_is_gone_from_the_server_and_from_this_device(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    batch = make_batch(page, ["one", "two"])
    expect_stored(page, 2)
    delete_batch(page)
    expect(page.get_by_text("Batch deleted.")).to_be_visible()
    assert read_stored(page, batch) == {}
    assert page.goto(f"/batches/{batch}/").status == 404
