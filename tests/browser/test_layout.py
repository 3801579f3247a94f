"""What stands where: at hand on a phone, once and not twice, and named for those who do not see it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import expect_stored, make_batch, sign_in_somebody, write_list
from tests.servers import Stack

pytestmark = pytest.mark.browser
#: The brand with the credits, and the links.
TWO_ROWS = 104


@pytest.mark.parametrize("credits", [None, 1_234_567])
def test_the_header_of_a_phone_has_two_rows(
    page: Page, context: BrowserContext, site: Stack, credits: int | None
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    if credits:
        sign_in_somebody(context, site, credits)
    for language in ("en", "es"):
        page.set_extra_http_headers({"Accept-Language": language})
        page.goto("/pricing/")
        assert page.locator("header.top").bounding_box()["height"] <= TWO_ROWS


def test_the_sum_and_the_button_of_a_long_list_are_at_hand_on_a_phone(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in_somebody(context, site)
    write_list(page, [f"picture {n}" for n in range(100)])
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="Create images")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Credits needed: 100 of 205")).to_be_in_viewport(ratio=1)
    page.get_by_role("contentinfo").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    foot = page.get_by_role("contentinfo").bounding_box()
    assert foot["y"] + foot["height"] <= page.locator(".bill-submit").bounding_box()["y"]


def test_a_prompt_is_shown_only_beside_another_name(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    make_batch(page, ["a fox in fresh snow", "an owl"], names=["", "bird"])
    expect_stored(page, 2)
    first, second = page.locator("li.tile").all()
    expect(first.locator(".tile-prompt")).to_be_hidden()
    expect(second.locator(".tile-prompt")).to_have_text("an owl")


def test_a_picture_that_has_not_come_yet_is_a_link_with_a_name(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    context.route(re.compile(r"/images/\d/$"), lambda route: route.abort())
    make_batch(page, ["a fox", "a knight [refuse]"])
    expect(page.locator("li.tile[data-status=ready]")).to_have_count(1)
    expect(page.locator("li.tile[data-status=failed]")).to_have_count(1)
    expect(page.get_by_role("link", name="1 a fox.png", exact=True)).to_have_attribute(
        "href", re.compile("/images/1/$")
    )
    page.reload()
    expect(page.get_by_role("link", name="1 a fox.png", exact=True)).to_be_visible()
    assert page.locator("a[data-part=open][href]").count() == 1
