"""Editing an image with a mask, which is painted by mouse, finger or keys, or given as four numbers."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.batch_page import complaints_of, expect_stored, follow, make_batch
from tests.browser.conftest import OpenWindow
from tests.servers import Stack

pytestmark = pytest.mark.browser
#: The mask that the page would submit, as a list of bytes.
READ_MASK = """async (path) => {
  const { mask } = await import(path), blob = await mask();
  return blob ? [...new Uint8Array(await blob.arrayBuffer())] : [];
}"""


#: As on a slow machine: a picture takes a second to decode.
DECODE_SLOWLY = """
const decode = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = async function () {
  await new Promise((done) => setTimeout(done, 1000));
  return decode.call(this);
};
"""


def edit_new_image(tab: Page) -> str:
    """Open the page on which a new image is edited, with an instruction; return the id of its batch."""
    batch = make_batch(tab, ["a cat"])
    expect_stored(tab, 1)
    follow(tab, tab.get_by_role("link", name="Edit", exact=True).first)
    tab.get_by_label("Instruction").fill("make the sky pink")
    return batch


@pytest.fixture(scope="module")
def address(window: BrowserContext) -> str:
    """The page on which an image is edited that this window has stored."""
    tab = window.new_page()
    edit_new_image(tab)
    return tab.url


@pytest.fixture
def page(tab: Page, address: str) -> Page:
    """That page, with an instruction: nothing is submitted on it but errors."""
    tab.goto(address)
    tab.get_by_label("Instruction").fill("make the sky pink")
    return tab


def canvas(page: Page) -> Locator:
    return page.locator("canvas")


def changed_part(page: Page) -> tuple[int, int, int, int] | None:
    """Return the box around what the mask lets change."""
    script = json.loads(page.locator("script[type=importmap]").inner_text())["imports"]["/static/js/editing/strokes.js"]
    data = bytes(page.evaluate(READ_MASK, script))
    if not data:
        return None
    mask = Image.open(io.BytesIO(data))
    assert mask.size == (1024, 1024)
    assert {level for _count, level in mask.getchannel("A").getcolors() or ()} == {0, 255}
    return mask.getchannel("A").point(lambda level: 255 - level).getbbox()


def submit(page: Page) -> None:
    page.get_by_role("button", name="Edit image").click()


def choose(page: Page, area: str) -> None:
    """Choose what to change, which can be painted only once the image is shown."""
    page.locator("label", has_text=area).click()


def paint(page: Page) -> None:
    choose(page, "An area that I paint")
    canvas(page).scroll_into_view_if_needed()
    box = canvas(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4, steps=5)
    page.mouse.up()


def test_a_part_is_painted_with_the_mouse_and_changed(tab: Page, window: BrowserContext, site: Stack) -> None:
    complaints = complaints_of(window)
    edit_new_image(tab)
    paint(tab)
    # A brush of 51 pixels from (256, 256) to (512, 256).
    assert changed_part(tab) == pytest.approx((205, 205, 563, 307), abs=4)
    submit(tab)
    expect_stored(tab, 2)
    expect(tab.locator('li[data-position="2"]')).to_contain_text("a cat_v2.png")
    expect(tab.locator('li[data-position="2"]')).to_contain_text("make the sky pink")
    assert site.query("select mask <> '' from batches_edit order by created_at desc limit 1")[0][0]
    assert complaints == []


def test_nothing_is_painted_before_the_image_is_shown_and_clears_it(tab: Page, address: str) -> None:
    tab.add_init_script(DECODE_SLOWLY)
    tab.goto(address)
    paint(tab)
    # Longer than the image takes.
    tab.wait_for_timeout(1500)
    assert changed_part(tab)


def test_keys_alone_move_the_brush_paint_and_undo(page: Page) -> None:
    choose(page, "An area that I paint")
    canvas(page).focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text("Brush 45 % from the left, 48 % from the top. Strokes: 1")
    left, top, right, bottom = changed_part(page) or (0, 0, 0, 0)
    assert ((left + right) // 2, (top + bottom) // 2) == (461, 486)
    page.keyboard.press("z")
    assert changed_part(page) is None


def test_a_tap_of_a_finger_paints_a_disc(open_window: OpenWindow, page: Page) -> None:
    cookies, url = page.context.cookies(), page.url
    phone = open_window(has_touch=True, viewport={"width": 390, "height": 800})
    phone.add_cookies(cookies)
    phone_page = phone.new_page()
    phone_page.goto(url)
    choose(phone_page, "An area that I paint")
    canvas(phone_page).tap(position={"x": 50, "y": 50})
    left, top, right, bottom = changed_part(phone_page) or (0, 0, 0, 0)
    assert abs((right - left) - (bottom - top)) <= 1
    assert right - left > 90


def test_undo_and_clear_take_strokes_back(page: Page) -> None:
    paint(page)
    page.get_by_role("button", name="Undo").click()
    assert changed_part(page) is None
    paint(page)
    page.get_by_role("button", name="Clear").click()
    assert changed_part(page) is None


def test_the_painting_stays_when_the_form_has_an_error(page: Page) -> None:
    paint(page)
    page.get_by_label("Instruction").fill("")
    submit(page)
    expect(page.locator(".errors")).to_be_visible()
    assert changed_part(page)


def test_nothing_painted_is_an_error(page: Page) -> None:
    choose(page, "An area that I paint")
    submit(page)
    expect(page.locator(".errors")).to_have_text("Paint the area to change.")


def test_a_rectangle_is_given_in_numbers(tab: Page) -> None:
    edit_new_image(tab)
    choose(tab, "A rectangle")
    for label, number in {"From the left": "100", "From the top": "0", "Width": "300", "Height": "200"}.items():
        tab.get_by_label(label).fill(number)
    submit(tab)
    expect_stored(tab, 2)


def expire(site: Stack, batch: str) -> None:
    """Delete the server's images of the batch."""
    site.manage("shell", "-c", "from batches.models import Prompt; from batches.delivery.storage import expire;"
                f"[expire(p) for p in Prompt.objects.on_server().filter(batch='{batch}')]")  # fmt: skip


def test_an_image_that_only_this_browser_has_is_sent_along(tab: Page, site: Stack) -> None:
    expire(site, edit_new_image(tab))
    tab.reload()
    expect(tab.locator("[data-part=missing]")).to_be_hidden()
    submit(tab)
    expect_stored(tab, 2)


def test_an_image_of_another_browser_says_so_and_takes_the_file(
    open_window: OpenWindow, tab: Page, site: Stack, tmp_path: Path
) -> None:
    expire(site, edit_new_image(tab))
    other = open_window()
    other.add_cookies(tab.context.cookies())
    other_page = other.new_page()
    other_page.goto(tab.url)
    expect(other_page.get_by_text("stored only in the browser that downloaded it")).to_be_visible()
    Image.new("RGB", (640, 480), "teal").save(tmp_path / "cat.png")
    other_page.get_by_label("Image file").set_input_files(tmp_path / "cat.png")
    expect(other_page.locator("[data-part=image]")).to_be_visible()
    expect(other_page.locator("canvas")).to_have_attribute("width", "640")
