"""What the batch page says and does when something is in the way: no room, no session, no batch."""

import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import (
    STORED,
    behave,
    confirmed,
    delete_batch,
    expect_stored,
    make_batch,
    read_stored,
    server_hashes,
    sign_in_somebody,
)
from tests.servers import Stack, wait_for
from tests.upstream import LONG

pytestmark = pytest.mark.browser
ROOM = 4_000_000
#: As in browsers that keep nothing, e.g. by their owner's wish.
NO_INDEXEDDB = """Object.defineProperty(window, "indexedDB", { value: undefined });"""
NO_STORE = """IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };"""
#: As if three days had passed.
LET_GO = """
from batches.delivery import storage
from batches.models import Prompt
Prompt.objects.filter(batch="{batch}").update(ready_at="2026-01-01T00:00Z")
storage.expire_images()
"""


def make_batch_without_room(page: Page, context: BrowserContext, site: Stack) -> str:
    """Make a batch of six images in a browser that has room for two of them."""
    behave(site, image_bytes=1_500_000)
    sign_in_somebody(context, site)
    quota = {"origin": site.url, "quotaSize": ROOM}
    context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    return make_batch(page, [f"picture {n}" for n in range(6)])


@pytest.mark.on_disk
def test_a_full_browser_says_so_and_confirms_nothing_that_it_could_not_store(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    batch = make_batch_without_room(page, context, site)
    expect(page.get_by_role("alert")).to_contain_text("This browser has no storage space left", timeout=60_000)
    expect(page.get_by_role("alert")).to_contain_text("Download a ZIP")
    page.wait_for_timeout(1000)
    stored = read_stored(page, batch)
    assert 0 < len(stored) < 6
    assert confirmed(site, batch).items() <= stored.items()


@pytest.mark.on_disk
def test_images_for_which_there_was_no_room_come_after_a_zip_and_a_delete(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    batch = make_batch_without_room(page, context, site)
    found: set[int] = set()
    while len(found) < 6:
        wait_until_full_or_stored(page, 6 - len(found))
        now = set(read_stored(page, batch))
        assert now
        assert now.isdisjoint(found)
        found |= now
        with page.expect_download():
            page.get_by_role("button", name="Download ZIP").click()
        page.get_by_role("button", name="Delete from this device").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete from this device").click()
        expect(page.get_by_role("alert")).to_contain_text("You deleted files of this batch")


def wait_until_full_or_stored(page: Page, count: int) -> None:
    """Wait for images and then for the alert, which may also come before the disk of the deleted images is free."""
    stored, alert = page.locator(STORED), page.get_by_role("alert")
    expect(stored).not_to_have_count(0, timeout=120_000)
    wait_for(lambda: "no storage space left" in alert.inner_text() or stored.count() == count, 60)


def test_a_zip_that_cannot_be_made_says_so_and_can_be_asked_for_again(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    make_batch(page, ["a fox"])
    expect_stored(page, 1)
    context.route("**/client-zip/**", lambda route: route.abort())
    page.get_by_role("button", name="Download ZIP").click()
    expect(page.get_by_text("We couldn’t create the ZIP.")).to_be_visible()
    context.unroute("**/client-zip/**")
    with page.expect_download():
        page.get_by_role("button", name="Download ZIP").click()


def test_a_zip_of_what_has_arrived_says_how_much_that_is(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    context.route("**/images/3/", lambda route: route.abort())
    make_batch(page, ["one", "two", "three"])
    expect_stored(page, 2)
    expect(page.locator("li.tile[data-status=ready]")).to_have_count(3)
    page.get_by_role("button", name="Download ZIP").click()
    expect(page.get_by_text("The ZIP with 2 of 3 files is in your downloads folder.")).to_be_visible()


def test_the_page_says_that_the_session_has_ended_and_the_run_continues(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    behave(site, delay_seconds=LONG)
    sign_in_somebody(context, site)
    batch = make_batch(page, ["[slow 0] a fox", *(f"picture {n}" for n in range(5))])
    expect(page.locator(STORED)).not_to_have_count(0)
    cookies = context.cookies()
    context.clear_cookies(name="sessionid")
    expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    context.add_cookies(cookies)
    behave(site)
    expect_stored(page, 6)
    expect(page.get_by_role("alert")).to_be_empty()
    wait_for(lambda: len(confirmed(site, batch)) == 6)


def test_the_page_says_that_its_batch_was_deleted_elsewhere(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    sign_in_somebody(context, site)
    make_batch(page, ["one", "two"])
    elsewhere = context.request
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = elsewhere.post(page.url + "delete/", form={"csrfmiddlewaretoken": token})
    assert answer.ok
    expect(page.get_by_role("alert")).to_contain_text("This batch was deleted.")


def test_a_batch_that_cannot_be_deleted_keeps_its_images_on_the_device(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    batch = make_batch(page, ["one", "two"])
    expect_stored(page, 2)
    # The page asks nothing more of the server, whose failure would be the newer alert.
    expect(page.locator("[data-headline]")).to_have_attribute("data-status", "finished")
    expect(page.get_by_text("has saved everything that is finished")).to_be_visible()
    context.set_offline(True)
    delete_batch(page)
    expect(page.get_by_role("alert")).to_contain_text("nothing has changed")
    context.set_offline(False)
    context.clear_cookies(name="sessionid")
    delete_batch(page)
    expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    assert len(read_stored(page, batch)) == 2


def test_a_browser_that_keeps_nothing_deletes_a_batch_all_the_same(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    page.add_init_script(NO_STORE)
    make_batch(page, ["one"])
    delete_batch(page)
    expect(page.get_by_text("Batch deleted.")).to_be_visible()


@pytest.mark.parametrize("script", [NO_STORE, NO_INDEXEDDB], ids=["refused", "missing"])
def test_a_browser_that_keeps_nothing_shows_the_servers_copies(
    page: Page, context: BrowserContext, site: Stack, script: str
) -> None:
    sign_in_somebody(context, site)
    page.add_init_script(script)
    make_batch(page, ["a fox"])
    expect(page.get_by_role("alert")).to_contain_text("doesn’t allow this site to store files")
    picture = page.get_by_role("img", name="a fox")
    expect(picture).to_be_visible()
    wait_for(lambda: picture.evaluate("image => image.naturalWidth > 0"))


def test_a_browser_that_keeps_nothing_gets_the_servers_zip(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    page.add_init_script(NO_INDEXEDDB)
    make_batch(page, ["a fox"])
    with page.expect_download() as started:
        page.get_by_role("link", name="Download from the server").click()
    with zipfile.ZipFile(started.value.path()) as file:
        assert file.namelist() == ["a fox.png", "manifest.csv"]


def test_another_browser_says_where_the_images_are_when_the_server_has_let_them_go(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    page.add_init_script(NO_STORE)
    batch = make_batch(page, ["a fox"])
    wait_for(lambda: len(server_hashes(site, batch)) == 1)
    site.manage("shell", "-c", LET_GO.format(batch=batch))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("stored in the browser that downloaded them")


def test_the_page_says_that_the_server_cannot_be_reached_until_it_answers(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    behave(site, delay_seconds=LONG)
    sign_in_somebody(context, site)
    make_batch(page, ["one", "two", "three"])
    context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("can’t reach the server")
    context.set_offline(False)
    behave(site)
    expect_stored(page, 3)
    expect(page.get_by_role("alert")).to_be_empty()
