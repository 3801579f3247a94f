"""What stays at hand over a long batch: what is wrong, what can be done, and what is chosen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.batch_page import behave, delete_batch, expect_stored, make_batch, sign_in_somebody
from tests.servers import Stack
from tests.upstream import LONG

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(window: BrowserContext) -> str:
    """The page of a batch of forty images, which are stored."""
    page = window.new_page()
    make_batch(page, [f"picture {n}" for n in range(40)])
    expect_stored(page, 40)
    return page.url


@pytest.fixture
def long_batch(window: BrowserContext, address: str) -> Iterator[Page]:
    """That page, in a tab of its own."""
    cookies, page = window.cookies(), window.new_page()
    # A closed batch is polled once, a second after its page has loaded.
    with page.expect_response("**/progress/**"):
        page.goto(address)
    expect_stored(page, 40)
    yield page
    page.close()
    window.add_cookies(cookies)


def top_and_bottom(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    return box["y"], box["y"] + box["height"]


def test_what_is_wrong_does_not_cover_the_button_that_helps(long_batch: Page) -> None:
    long_batch.context.clear_cookies(name="sessionid")
    delete_batch(long_batch)
    expect(long_batch.get_by_role("alert")).to_contain_text("Sign in again")
    long_batch.evaluate("scrollTo(0, 1000)")
    button = top_and_bottom(long_batch.get_by_role("button", name="Download ZIP"))
    assert 0 < top_and_bottom(long_batch.get_by_role("alert"))[1] <= button[0]
    assert button[1] < long_batch.viewport_size["height"]


def test_on_a_phone_choosing_far_down_shows_what_to_do_and_moves_nothing(long_batch: Page) -> None:
    long_batch.set_viewport_size({"width": 390, "height": 844})
    box = long_batch.get_by_label("Select 20 picture 19.png")
    box.scroll_into_view_if_needed()
    before = top_and_bottom(box)
    box.check()
    expect(long_batch.get_by_role("button", name="Download selected")).to_be_in_viewport(ratio=1)
    assert top_and_bottom(box) == before


@pytest.mark.parametrize("width", [390, 1200])
def test_what_becomes_of_the_zip_is_seen_far_down_the_list(long_batch: Page, width: int) -> None:
    long_batch.set_viewport_size({"width": width, "height": 844})
    long_batch.get_by_label("Select 38 picture 37.png").check()
    long_batch.get_by_role("button", name="Download selected").click()
    outcome = long_batch.get_by_text("The ZIP with 1 of 40 files is in your downloads folder.")
    expect(outcome).to_be_in_viewport(ratio=1)


@pytest.fixture
def alices_page(page: Page, context: BrowserContext, site: Stack) -> Page:
    """A tab in which somebody is signed in."""
    sign_in_somebody(context, site)
    return page


def test_a_verb_leaves_the_page_where_it_is_and_the_keyboard_at_its_undoing(alices_page: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(alices_page, [f"picture {n}" for n in range(60)])
    alices_page.evaluate("scrollTo(0, 900)")
    alices_page.get_by_role("button", name="Pause").click()
    expect(alices_page.get_by_role("button", name="Resume")).to_be_focused()
    alices_page.keyboard.press("Enter")
    expect(alices_page.get_by_role("button", name="Pause")).to_be_focused()
    assert alices_page.evaluate("scrollY") == 900


def test_a_failed_image_cannot_be_tried_again_once_its_batch_is_cancelled(alices_page: Page, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    make_batch(alices_page, ["a knight [slow 0] [refuse]", "a fox", "an owl"])
    expect(alices_page.get_by_role("link", name="Edit and retry")).to_be_visible()
    alices_page.get_by_role("button", name="Cancel", exact=True).click()
    alices_page.get_by_role("button", name="Cancel batch").click()
    expect(alices_page.locator("[data-headline]")).to_have_attribute("data-status", "cancelled")
    expect(alices_page.get_by_text("You weren’t charged.", exact=True)).to_be_visible()
    expect(alices_page.get_by_role("link", name="Edit and retry")).to_be_hidden()
