"""What stays at hand over a long batch: what is wrong, what can be done, and what is chosen."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.batch_page import behave, expect_stored, make_batch, sign_in_somebody
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _long_batch(site: Stack, context: BrowserContext, page: Page) -> None:
    behave(site, delay_seconds=0, image_bytes=None)
    sign_in_somebody(context, site)
    make_batch(page, [f"picture {n}" for n in range(40)])
    expect_stored(page, 40)


def top_and_bottom(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    return box["y"], box["y"] + box["height"]


def test_what_is_wrong_does_not_cover_the_button_that_helps(page: Page, context: BrowserContext) -> None:
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Delete batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete batch").click()
    expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    page.evaluate("scrollTo(0, 1000)")
    button = top_and_bottom(page.get_by_role("button", name="Download ZIP"))
    assert 0 < top_and_bottom(page.get_by_role("alert"))[1] <= button[0]
    assert button[1] < page.viewport_size["height"]


def test_on_a_phone_choosing_far_down_shows_what_to_do_and_moves_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.get_by_label("Select 20 picture 19.png")
    box.scroll_into_view_if_needed()
    before = top_and_bottom(box)
    box.check()
    expect(page.get_by_role("button", name="Download selected")).to_be_in_viewport(ratio=1)
    assert top_and_bottom(box) == before


def test_a_verb_leaves_the_page_where_it_is_and_the_keyboard_at_its_undoing(page: Page, site: Stack) -> None:
    behave(site, delay_seconds=30)
    make_batch(page, [f"picture {n}" for n in range(60)])
    page.evaluate("scrollTo(0, 900)")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    assert page.evaluate("scrollY") == 900


def test_a_failed_image_cannot_be_tried_again_once_its_batch_is_cancelled(page: Page, site: Stack) -> None:
    behave(site, delay_seconds=2)
    make_batch(page, ["a knight [refuse]", *(f"picture {n}" for n in range(60))])
    expect(page.get_by_role("link", name="Edit and retry")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel batch").click()
    expect(page.locator("[data-headline]")).to_have_attribute("data-status", "cancelled")
    expect(page.get_by_text("You weren’t charged.", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Edit and retry")).to_be_hidden()
