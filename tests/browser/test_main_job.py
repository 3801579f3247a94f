"""The main job in a real browser: from an email address to a ZIP of pictures."""

import codecs
import csv
import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Download, Page, expect

from tests.browser.batch_page import (
    behave,
    complaints_of,
    expect_stored,
    follow,
    make_batch,
    make_batch_in_form,
    read_stored,
    server_hashes,
    sign_in_somebody,
)
from tests.servers import Stack

pytestmark = pytest.mark.browser
#: As in browsers whose Blobs cannot be read into a buffer that is there already.
NO_BYTE_READERS = """
const getReader = ReadableStream.prototype.getReader;
ReadableStream.prototype.getReader = function (options) {
  if (options?.mode) throw new TypeError("no byte readers here");
  return getReader.call(this);
};
"""
PROMPTS = ["a red fox in fresh snow", "ein Zwölf-Uhr-Läuten", "猫のいる庭"]


def mailed_code(context: BrowserContext, site: Stack) -> str:
    mails = context.new_page()
    mails.goto(f"{site.sandbox_url}/mail/")
    code = mails.locator(".code").first.inner_text()
    mails.close()
    return code


def save(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_a_newcomer_signs_up_with_a_mailed_code_and_gets_three_pictures(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("newcomer@example.org")
    follow(page, page.get_by_role("button", name="Email me a code"))
    page.locator("input[name=code]").fill(mailed_code(context, site))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Credits left")).to_be_visible()
    make_batch_in_form(page, PROMPTS)
    expect_stored(page, 3)
    expect(page.locator("[data-headline]")).to_contain_text("All 3 images are ready.")
    expect(page).to_have_title("(3/3) a red fox in fresh snow · Images in bulk")


@pytest.mark.on_disk
def test_the_zip_has_the_pictures_in_order_under_their_names(
    page: Page, context: BrowserContext, site: Stack, tmp_path: Path
) -> None:
    sign_in_somebody(context, site)
    batch = make_batch(page, PROMPTS, names=["fox", "fox"])
    expect_stored(page, 3)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download ZIP").click()
    path = save(started.value, tmp_path)
    assert path.name == "a red fox in fresh snow.zip"
    subprocess.run(["unzip", "-t", path], check=True, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile(path) as file:
        assert file.namelist() == ["fox.png", "fox-2.png", "猫のいる庭.png", "manifest.csv"]
        hashes = [hashlib.sha256(file.read(name)).hexdigest() for name in file.namelist()[:3]]
        manifest = file.read("manifest.csv")
    assert manifest.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(manifest.decode("utf-8-sig"))))
    assert hashes == list(server_hashes(site, batch).values()) == list(read_stored(page, batch).values())
    assert [(row["position"], row["file"], row["status"]) for row in rows[:2]] == [
        ("1", "fox.png", "ready"),
        ("2", "fox-2.png", "ready"),
    ]


@pytest.mark.parametrize("script", ["", NO_BYTE_READERS], ids=["one buffer for many", "a buffer for each"])
def test_a_zip_of_pictures_of_many_sizes_is_valid(
    page: Page, context: BrowserContext, site: Stack, tmp_path: Path, script: str
) -> None:
    context.add_init_script(script)
    behave(site, image_bytes=None)
    sign_in_somebody(context, site)
    batch = make_batch(page, ["a" * (200 if number % 2 else number) for number in range(1, 9)])
    expect_stored(page, 8)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download ZIP").click()
    path = save(started.value, tmp_path)
    subprocess.run(["unzip", "-t", path], check=True, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile(path) as file:
        pictures = [file.read(name) for name in file.namelist()[:8]]
    assert [hashlib.sha256(picture).hexdigest() for picture in pictures] == list(server_hashes(site, batch).values())
    assert len({len(picture) for picture in pictures}) > 4


def test_a_zip_of_the_selected_has_only_these(tab: Page, tmp_path: Path) -> None:
    make_batch(tab, PROMPTS, names=["one", "two", "three"])
    expect_stored(tab, 3)
    tab.get_by_label("Select three.png").check()
    tab.get_by_label("Select one.png").check()
    with tab.expect_download() as started:
        tab.get_by_role("button", name="Download selected").click()
    with zipfile.ZipFile(save(started.value, tmp_path)) as file:
        assert file.namelist() == ["one.png", "three.png", "manifest.csv"]


def test_the_viewer_shows_the_whole_picture_and_gives_the_focus_back(tab: Page, site: Stack, tmp_path: Path) -> None:
    batch = make_batch(tab, PROMPTS, ratio="16:9", format="jpg")
    expect_stored(tab, 3)
    tab.locator("li.tile a[data-part=open]").first.press("Enter")
    expect(tab.get_by_role("dialog").locator("[data-part=picture]")).to_be_focused()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("dialog")).to_contain_text("1536 × 864")
    expect(tab.get_by_role("dialog")).to_contain_text("ein Zwölf-Uhr-Läuten.jpg")
    with tab.expect_download() as started:
        tab.get_by_role("dialog").get_by_role("button", name="Download").click()
    digest = hashlib.sha256(save(started.value, tmp_path).read_bytes()).hexdigest()
    assert digest == server_hashes(site, batch)[2]
    tab.keyboard.press("Escape")
    expect(tab.locator('li.tile[data-position="2"] a[data-part=open]')).to_be_focused()


def test_no_page_of_the_job_complains(page: Page, context: BrowserContext, site: Stack) -> None:
    complaints = complaints_of(context)
    sign_in_somebody(context, site)
    make_batch_in_form(page, [*PROMPTS, "a knight [refuse]"])
    expect_stored(page, 3)
    follow(page, page.get_by_role("link", name="Edit and retry"))
    page.goto("/batches/")
    expect(page.locator("[data-thumbnails] img")).to_have_count(3)
    assert complaints == []
