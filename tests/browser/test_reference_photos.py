"""Reference photos on the form of a new batch, and on its page."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.batch_page import (
    ADDRESS,
    batch_of,
    behave,
    complaints_of,
    draft_of,
    expect_stored,
    late_script,
    sign_in_somebody,
    write_list,
)
from tests.servers import Stack, wait_for
from tests.upstream import LONG

pytestmark = pytest.mark.browser

#: How many copies of the photos of a batch, or of a draft, this browser has.
COUNT_COPIES = """(batch) => new Promise((resolve, reject) => {
  const opened = indexedDB.open("images-in-bulk");
  // The page has not opened it yet, and must be the first.
  opened.onupgradeneeded = () => { opened.transaction.abort(); resolve(0); };
  opened.onerror = () => reject(opened.error);
  opened.onsuccess = () => {
    const counted = opened.result.transaction("reference").objectStore("reference")
      .count(IDBKeyRange.bound([batch], [batch, []]));
    counted.onsuccess = () => { opened.result.close(); resolve(counted.result); };
  };
})"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "me.jpg"
    Image.new("RGB", (600, 800), "tan").save(path)
    return path


def choose(page: Page, *photos: Path, count: int = 1) -> None:
    """Choose photos on the form, and wait until it has so many."""
    page.get_by_label("Reference photos").set_input_files(photos)
    expect(page.locator(".photo:not([data-busy]) img")).to_have_count(count)


def choose_and_copy(page: Page, *photos: Path) -> str:
    """Choose photos on the form, and wait for their copies in this browser; return the key of the draft."""
    draft = page.locator("form[data-draft]").get_attribute("data-draft") or ""
    before = page.evaluate(COUNT_COPIES, draft)
    choose(page, *photos, count=len(photos))
    wait_for(lambda: page.evaluate(COUNT_COPIES, draft) == before + len(photos))
    return draft


def test_a_photo_is_shrunk_uploaded_and_on_the_bill(
    page: Page, context: BrowserContext, site: Stack, photo: Path
) -> None:
    complaints = complaints_of(context)
    behave(site, delay_seconds=LONG)
    sign_in_somebody(context, site)
    Image.new("RGB", (3000, 4000), "tan").save(photo)
    write_list(page, ["the person in image 1 as a sailor"])
    with page.expect_request("**/batches/references/") as sent:
        choose(page, photo)
    assert int(sent.value.all_headers()["content-length"]) < photo.stat().st_size
    expect(page.locator(".bill .facts div", has_text="Reference photos")).to_contain_text("2 credits")
    page.get_by_role("button", name="Create images").click()
    page.wait_for_url(ADDRESS)
    # The server deletes the photo when the batch ends.
    expect(page.locator("[data-batch-photos] img")).to_have_js_property("complete", True)
    wait_for(lambda: page.evaluate(COUNT_COPIES, batch_of(page)) == 1)
    behave(site)
    expect_stored(page, 1)
    assert complaints == []


def test_a_photo_that_is_chosen_before_the_scripts_are_loaded_is_uploaded(tab: Page, photo: Path) -> None:
    with late_script(tab, "**/references/upload*"):
        tab.goto("/batches/new/", wait_until="commit")
        tab.get_by_label("Reference photos").set_input_files(photo)
    expect(tab.locator(".photo:not([data-busy]) img")).to_have_count(1)


def test_a_photo_is_only_for_some_prompts(tab: Page, photo: Path) -> None:
    write_list(tab, ["a sailor", "a pilot"])
    choose(tab, photo, photo, count=2)
    tab.get_by_label("Only for prompts").first.fill("2")
    expect(tab.locator(".photo label").first).to_have_text("Image")
    cost = tab.locator(".bill .facts div", has_text="Reference photos")
    expect(cost).to_contain_text("6 credits")
    tab.reload()
    expect(tab.get_by_label("Only for prompts").first).to_have_value("2")
    expect(cost).to_contain_text("6 credits")
    tab.get_by_role("button", name="Create images").click()
    tab.wait_for_url(ADDRESS)
    expect_stored(tab, 2)
    expect(tab.locator("[data-batch-photos]")).to_contain_text("For prompt 2")


def test_a_file_that_is_no_photo_says_why(tab: Page, photo: Path) -> None:
    write_list(tab, ["a sailor"])
    (photo.parent / "notes.txt").write_text("no photo")
    tab.get_by_label("Reference photos").set_input_files([photo.parent / "notes.txt"])
    expect(tab.locator(".photo")).to_contain_text("notes.txt: This is not a JPEG, PNG, WebP or HEIC file.")
    choose(tab, photo)
    expect(tab.locator(".photo")).to_have_count(1)


def test_a_file_that_is_no_photo_is_not_counted(tab: Page, photo: Path) -> None:
    write_list(tab, ["a sailor"])
    (photo.parent / "notes.txt").write_text("no photo")
    tab.get_by_label("Reference photos").set_input_files([photo.parent / "notes.txt", photo])
    expect(tab.locator(".photo:not([data-busy], [data-failed]) label").first).to_have_text("Image 1")


def test_a_draft_has_its_photos_even_if_the_server_has_deleted_them(tab: Page, site: Stack, photo: Path) -> None:
    write_list(tab, ["a sailor"])
    choose_and_copy(tab, photo, photo)
    wait_for(lambda: len(draft_of(tab)["references"]) == 2)
    site.manage("shell", "-c", "from batches.models import Reference; Reference.objects.all().discard()")
    tab.reload()
    expect(tab.locator(".photo:not([data-busy]) img")).to_have_count(2)
    expect(tab.locator(".bill .facts div", has_text="Reference photos")).to_contain_text("4 credits")


def test_a_removed_photo_is_deleted_on_the_server(tab: Page, site: Stack, photo: Path) -> None:
    write_list(tab, ["a sailor"])
    choose(tab, photo)
    url = tab.locator(".photo img").get_attribute("src") or ""
    with tab.expect_response("**/delete/"):
        tab.get_by_role("button", name="Remove").click()
    expect(tab.locator(".photo")).to_have_count(0)
    assert tab.request.get(url).status == 404


def test_a_photo_that_is_removed_while_it_is_uploaded_is_deleted_on_the_server(tab: Page, photo: Path) -> None:
    write_list(tab, ["a sailor"])
    uploads: list[Route] = []
    tab.route("**/batches/references/", lambda route: uploads.append(route))
    tab.get_by_label("Reference photos").set_input_files([photo])
    wait_for(lambda: tab.evaluate("1") and uploads)
    tab.get_by_role("button", name="Remove").click()
    with tab.expect_response("**/delete/") as deleted:
        uploads[0].continue_()
    assert tab.request.get(deleted.value.url.removesuffix("delete/")).status == 404


def test_an_image_is_used_for_the_rest_and_the_photos_can_be_sent_again(tab: Page, site: Stack, photo: Path) -> None:
    behave(site, delay_seconds=LONG)
    write_list(tab, ["the person in image 1 as a sailor [slow 0]", "as a pilot", "as a cook", "as a baker"])
    choose(tab, photo)
    tab.get_by_role("button", name="Create images").click()
    tab.wait_for_url(ADDRESS)
    expect_stored(tab, 1)
    tab.get_by_role("button", name="Pause").click()
    expect(tab.locator("[data-headline]")).to_have_attribute("data-status", "paused")
    tab.locator("li.tile[data-stored] [data-part=open]").first.click()
    tab.get_by_role("button", name="Use for the rest").click()
    dialog = tab.get_by_role("dialog", name="Use this image for the rest?")
    expect(dialog.get_by_role("status")).to_contain_text("waiting. It costs")
    dialog.get_by_label("same style as image 2, other content").check()
    tab.route("**/rest/", lambda route: route.abort())
    dialog.get_by_role("button", name="Use for the rest").click()
    expect(dialog.get_by_role("status")).to_have_text("We can’t reach the server. Try again.")
    tab.unroute("**/rest/")
    dialog.get_by_role("button", name="Use for the rest").click()
    expect(tab.locator("[data-batch-photos] img")).to_have_count(2)
    expect(tab.locator(".batch-style")).to_contain_text("same style as image 2, other content")
    wait_for(lambda: tab.evaluate(COUNT_COPIES, batch_of(tab)) == 2)
    behave(site)
    tab.get_by_role("button", name="Resume").click()
    expect_stored(tab, 4)
    tab.reload()
    tab.get_by_role("button", name="Use the copies on this device").click()
    expect(tab.locator("[data-batch-photos] img")).to_have_count(2)


def test_the_copies_are_those_of_the_form_if_the_server_has_deleted_its_photos(tab: Page, photo: Path) -> None:
    write_list(tab, ["the person in image 1 as a sailor"])
    draft = choose_and_copy(tab, photo)
    tab.route(re.compile(r"/batches/references/[0-9a-f-]+/$"), lambda route: route.fulfill(status=404))
    tab.get_by_role("button", name="Create images").click()
    tab.wait_for_url(ADDRESS)
    wait_for(lambda: tab.evaluate(COUNT_COPIES, batch_of(tab)) == 1)
    wait_for(lambda: tab.evaluate(COUNT_COPIES, draft) == 0)


def test_copies_that_were_deleted_from_this_device_stay_away(tab: Page, site: Stack, photo: Path) -> None:
    behave(site, delay_seconds=LONG)
    write_list(tab, ["the person in image 1 as a sailor"])
    choose(tab, photo)
    tab.get_by_role("button", name="Create images").click()
    tab.wait_for_url(ADDRESS)
    batch = batch_of(tab)
    wait_for(lambda: tab.evaluate(COUNT_COPIES, batch) == 1)
    tab.get_by_role("button", name="Delete from this device").first.click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete from this device").click()
    wait_for(lambda: tab.evaluate(COUNT_COPIES, batch) == 0)
    tab.reload(wait_until="networkidle")
    expect(tab.locator("[data-batch-photos] img")).to_have_count(1)
    assert tab.evaluate(COUNT_COPIES, batch) == 0
