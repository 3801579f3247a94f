"""Without JavaScript: the form, the progress after a reload, single downloads."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import behave, make_batch, make_batch_in_form, server_hashes, sign_in_somebody, write_list
from tests.browser.conftest import OpenWindow
from tests.servers import Stack, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture
def context(open_window: OpenWindow, site: Stack) -> BrowserContext:
    """Chromium with JavaScript switched off, somebody signed in."""
    behave(site)
    context = open_window(base_url=site.url, java_script_enabled=False)
    sign_in_somebody(context, site)
    return context


def test_the_bill_is_shown_before_the_start(page: Page) -> None:
    write_list(page, ["a fox", "an owl"], names=["one"])
    page.get_by_role("button", name="Check the cost first").click()
    bill = page.get_by_role("complementary", name="Summary")
    expect(bill).to_contain_text("one.png")
    expect(bill).to_contain_text("an owl.png")
    expect(page.get_by_label("Prompts")).to_have_value("a fox\nan owl")


def test_errors_stand_at_their_fields(page: Page) -> None:
    write_list(page, ["a fox"], names=["one", "two"])
    page.get_by_role("button", name="Create images").click()
    expect(page.get_by_role("alert")).to_contain_text("There’s a problem")
    sentence = "You have more file names (2) than prompts (1). Remove file names or add prompts."
    expect(page.locator("#names-errors")).to_have_text(sentence)


def test_progress_comes_by_reloading_and_images_one_by_one_or_as_a_zip(page: Page, site: Stack, tmp_path: Path) -> None:
    batch = make_batch_in_form(page, ["a fox", "an owl"])
    wait_for(lambda: len(server_hashes(site, batch)) == 2)
    page.get_by_role("link", name="Reload").click()
    expect(page.locator("[data-headline]")).to_contain_text("All 2 images are ready.")
    expect(page.get_by_role("heading", name="On this device")).to_be_hidden()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download", exact=True).first.click()
    started.value.save_as(tmp_path / "image")
    assert started.value.suggested_filename == "1 a fox.png"
    assert hashlib.sha256((tmp_path / "image").read_bytes()).hexdigest() == server_hashes(site, batch)[1]
    with page.expect_download() as started:
        page.get_by_role("link", name="Download ZIP").click()
    with zipfile.ZipFile(started.value.path()) as file:
        assert file.namelist() == ["1 a fox.png", "2 an owl.png", "manifest.csv"]


def test_a_page_asks_before_a_batch_is_deleted(page: Page) -> None:
    make_batch(page, ["a fox"])
    page.get_by_role("link", name="Delete batch").click()
    expect(page.get_by_role("heading", name="Delete this batch?")).to_be_visible()
    page.get_by_role("button", name="Delete batch").click()
    expect(page.get_by_text("Batch deleted.")).to_be_visible()
