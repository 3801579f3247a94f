"""What stays at hand over a long batch: what is wrong, what can be done, and what is chosen."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.batch_page import behave, expect_kept, make_batch, sign_in_somebody
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _long_batch(site: Stack, context: BrowserContext, page: Page) -> None:
    behave(site, delay_seconds=0, image_bytes=None)
    sign_in_somebody(context, site)
    make_batch(page, [f"picture {n}" for n in range(40)])
    expect_kept(page, 40)


def top_and_bottom(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    return box["y"], box["y"] + box["height"]


def test_what_is_wrong_does_not_cover_the_button_that_helps(page: Page, context: BrowserContext) -> None:
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Delete batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete batch").click()
    expect(page.get_by_role("alert")).to_contain_text("Please sign in again")
    page.evaluate("scrollTo(0, 1000)")
    button = top_and_bottom(page.get_by_role("button", name="Download ZIP"))
    assert 0 < top_and_bottom(page.get_by_role("alert"))[1] <= button[0]
    assert button[1] < page.viewport_size["height"]


def test_on_a_phone_choosing_far_down_shows_what_to_do_and_moves_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.get_by_label("Select picture 20.png")
    box.scroll_into_view_if_needed()
    before = top_and_bottom(box)
    box.check()
    expect(page.get_by_role("button", name="ZIP of the selected")).to_be_in_viewport(ratio=1)
    assert top_and_bottom(box) == before
