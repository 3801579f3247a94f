"""Receiving images: once, by one tab, after any interruption, and nothing confirmed that is not stored."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.batch_page import (
    behave,
    confirmed,
    expect_stored,
    make_batch,
    prompts,
    read_stored,
    server_hashes,
    sign_in_somebody,
)
from tests.browser.chromium import ARGUMENTS
from tests.browser.conftest import OpenProfile
from tests.servers import Stack, chromium, wait_for
from tests.upstream import LONG

pytestmark = pytest.mark.browser
IMAGE = re.compile(r"/images/(\d+)/$")
A_YEAR = 365 * 24 * 3600


def image_requests(context: BrowserContext) -> Counter[str]:
    """Return the number of requests by position, counted from now on."""
    counts: Counter[str] = Counter()
    context.on("request", lambda request: counts.update(IMAGE.findall(request.url)))
    return counts


def test_two_tabs_fetch_each_image_once_and_both_show_it(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=0.4)
    sign_in_somebody(context, site)
    counts = image_requests(context)
    make_batch(page, [f"picture {n}" for n in range(1, 7)])
    other = context.new_page()
    other.goto(page.url)
    expect_stored(page, 6)
    expect_stored(other, 6)
    assert counts == {str(position): 1 for position in range(1, 7)}


def test_the_other_tab_takes_over_when_the_first_is_closed(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=0.5)
    sign_in_somebody(context, site)
    make_batch(page, [f"picture {n}" for n in range(1, 7)])
    other = context.new_page()
    other.goto(page.url)
    expect(other.locator("li.tile[data-stored]")).not_to_have_count(0)
    page.close()
    expect_stored(other, 6)


def test_a_tab_that_missed_some_news_catches_up_when_a_later_one_hears_more(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    def answer_at_the_end(route: Route) -> None:
        wait_for(lambda: len(server_hashes(site, batch)) == 6)
        route.continue_()

    behave(site, delay_seconds=0.8)
    sign_in_somebody(context, site)
    batch = make_batch(page, [f"picture {n}" for n in range(1, 7)])
    page.route("**/progress/**", lambda route: route.abort())
    wait_for(lambda: len(server_hashes(site, batch)) >= 2)
    other = context.new_page()
    other.route("**/progress/**", answer_at_the_end)
    other.goto(page.url)
    page.unroute("**/progress/**")
    expect_stored(page, 6)


@pytest.mark.on_disk
def test_a_reload_in_the_middle_loses_and_repeats_nothing(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=0.4)
    sign_in_somebody(context, site)
    batch = make_batch(page, [f"picture {n}" for n in range(1, 7)])
    expect(page.locator("li.tile[data-stored]")).not_to_have_count(0)
    page.reload()
    expect_stored(page, 6)
    assert read_stored(page, batch) == server_hashes(site, batch)
    wait_for(lambda: confirmed(site, batch) == server_hashes(site, batch))


@pytest.mark.on_disk
def test_what_was_stored_but_not_confirmed_is_confirmed_without_fetching_it_again(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    sign_in_somebody(context, site)
    context.route("**/confirm/", lambda route: route.abort())
    batch = make_batch(page, ["one", "two"])
    expect_stored(page, 2)
    assert confirmed(site, batch) == {}
    context.unroute("**/confirm/")
    counts = image_requests(context)
    page.reload()
    wait_for(lambda: len(confirmed(site, batch)) == 2)
    assert not counts


def test_damaged_bytes_are_neither_stored_nor_confirmed(page: Page, context: BrowserContext, site: Stack) -> None:
    sign_in_somebody(context, site)
    context.route(IMAGE, lambda route: route.fulfill(body=b"damaged", content_type="image/png"))
    batch = make_batch(page, ["one"])
    expect(page.get_by_text("try again in a moment")).to_be_visible()
    assert read_stored(page, batch) == confirmed(site, batch) == {}


def crash_while_receiving(profile: Path, site: Stack, batch: str) -> int:
    """Kill a whole Chromium at random while it receives; return how many images are confirmed."""
    before = len(confirmed(site, batch))
    command = [chromium(), *ARGUMENTS, f"--user-data-dir={profile}", "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [*command, f"{site.url}/batches/{batch}/"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(confirmed(site, batch)) > before)
    time.sleep(random.uniform(0, 0.8))
    # The session is this browser's own: the signal reaches its renderers and no other process.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return len(confirmed(site, batch))


def test_a_browser_killed_while_receiving_has_confirmed_only_what_it_stored(
    open_profile: OpenProfile, site: Stack, tmp_path: Path
) -> None:
    behave(site, image_bytes=1_500_000)
    context = open_profile(tmp_path / "profile", base_url=site.url)
    sign_in_somebody(context, site)
    context.add_cookies([{**cookie, "expires": time.time() + A_YEAR} for cookie in context.cookies()])
    batch = make_batch(context.pages[0], [f"picture {n}" for n in range(80)])
    context.close()
    wait_for(lambda: len(prompts(site, batch, "status = 'ready'")) == 80, timeout=120)
    counts = [crash_while_receiving(tmp_path / "profile", site, batch) for _ in range(3)]
    reopened = open_profile(tmp_path / "profile", base_url=site.url)
    # A page that does not receive: what is found here was stored before the crashes.
    reopened.pages[0].goto("/pricing/")
    stored = read_stored(reopened.pages[0], batch)
    assert confirmed(site, batch).items() <= stored.items()
    assert counts[0] < 80, "nothing was left to crash"


def test_the_page_says_until_when_the_server_keeps_images_once_they_are_saved(
    page: Page, context: BrowserContext, site: Stack
) -> None:
    behave(site, delay_seconds=0.5)
    sign_in_somebody(context, site)
    make_batch(page, ["a fox"])
    expect(page.locator('[data-part="retention"]')).to_contain_text("We keep a file on our server for 24 hours")
    expect_stored(page, 1)
    sentence = "One of your browsers has saved everything that is finished. The server keeps its copies until"
    expect(page.locator('[data-part="retention"]')).to_contain_text(sentence)


def test_the_time_left_gets_shorter_during_an_image(page: Page, context: BrowserContext, site: Stack) -> None:
    behave(site, delay_seconds=LONG)
    sign_in_somebody(context, site)
    make_batch(page, ["[slow 8] a fox", "an owl", "a hare"])
    sentence = page.locator("#headline")
    expect(sentence).to_have_text(re.compile(r"^1 of 3 images are ready. About \d+ seconds left.$"), timeout=60_000)
    before = sentence.inner_text()
    expect(sentence).not_to_have_text(before)
    after = sentence.inner_text()
    assert after.startswith("1 of 3 images are ready.")
    seconds = [int(re.findall(r"\d+", text)[-1]) for text in (before, after)]
    assert seconds[1] < seconds[0]
