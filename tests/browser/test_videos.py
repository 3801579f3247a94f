"""Videos: chosen on the form, stored by the browser, played in the viewer and saved in the ZIP."""

import re
import zipfile
from io import BytesIO

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import (
    complaints_of,
    confirmed,
    expect_stored,
    make_batch_in_form,
    read_stored,
    sign_in_somebody,
    write_list,
)
from tests.processes import wait_for
from tests.servers import Stack

pytestmark = pytest.mark.browser
VEO = "google/veo-3.1-fast"


@pytest.fixture(autouse=True)
def _customer(site: Stack, context: BrowserContext) -> None:
    sign_in_somebody(context, site)


def test_the_form_offers_what_the_model_has_and_the_price_follows_the_length(page: Page) -> None:
    write_list(page, ["a fox"], model=VEO, seconds="6")
    expect(page.locator("[data-bill-fragment]")).to_contain_text("96")
    expect(page.locator('label:has([name="ratio"][value="1:1"])')).to_be_hidden()
    expect(page.locator('fieldset:has([name="format"])')).to_be_hidden()
    page.locator('[name="model"][value="gpt-image-2.5-flare"]').check(force=True)
    expect(page.locator('fieldset:has([name="seconds"])')).to_be_hidden()
    expect(page.locator('label:has([name="ratio"][value="1:1"])')).to_be_visible()


def test_a_video_is_stored_shown_played_and_confirmed(page: Page, context: BrowserContext, site: Stack) -> None:
    complaints = complaints_of(context)
    batch = make_batch_in_form(page, ["a fox"], model=VEO, seconds="4")
    expect_stored(page, 1)
    assert read_stored(page, batch).keys() == {1}
    wait_for(lambda: confirmed(site, batch))
    expect(page.locator("li.tile img")).to_have_js_property("naturalWidth", 256)
    page.locator('[data-part="open"]').click()
    video = page.locator("dialog[data-viewer] video")
    video.evaluate("async (video) => { video.muted = true; await video.play(); }")
    wait_for(lambda: video.evaluate("(video) => video.currentTime > 0.1"))
    page.keyboard.press("Escape")
    expect(video).to_have_count(0)
    assert complaints == []


def test_the_zip_has_the_video(page: Page) -> None:
    make_batch_in_form(page, ["a fox"], ["film"], model=VEO)
    expect_stored(page, 1)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download ZIP")).first.click()
    archive = zipfile.ZipFile(BytesIO(download.value.path().read_bytes()))
    assert archive.namelist() == ["film.mp4", "manifest.csv"]
    assert archive.getinfo("film.mp4").compress_type == zipfile.ZIP_STORED


def test_a_video_that_the_browser_cannot_play_can_be_downloaded(page: Page) -> None:
    make_batch_in_form(page, ["a fox [h265]"], ["film"], model=VEO)
    expect_stored(page, 1)
    expect(page.locator(".tile-file")).to_have_text("film.mp4")
    page.locator('[data-part="open"]').click()
    expect(page.locator("dialog[data-viewer]")).to_contain_text("can’t play this video")
    with page.expect_download() as download:
        page.locator("dialog[data-viewer]").get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "film.mp4"
