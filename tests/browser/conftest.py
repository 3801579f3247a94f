"""Chromium for the browser tests.

`page` is a tab of a private window: one Chromium has them all, and starting another takes a second. Private windows
store in memory, so tests of what a disk holds are marked `on_disk` and get a Chromium with a fresh profile.
`tab` is a tab of one window for all tests of a module, in which somebody is signed in: opening a window, signing in and
loading the scripts and style sheets takes most of a small test's time. A person may start ten batches an hour.
`open_profile(directory)` opens (again) the profile in that folder.
`site` is the whole site, embedded, running for all browser tests of the session.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.batch_page import behave, sign_in_somebody
from tests.browser.chromium import ARGUMENTS, launch
from tests.databases import chromium
from tests.servers import Stack, stack

OpenProfile = Callable[..., BrowserContext]
OpenWindow = Callable[..., BrowserContext]
#: Without a graphics card each frame of an animation is painted by the processor.
WITHOUT_ANIMATIONS: dict[str, Any] = {"reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def site() -> Iterator[Stack]:
    """Return the running site; each test signs in as a person of its own."""
    with stack("embedded") as running:
        running.start("sandbox", "worker", "web")
        yield running
        print(running.logs())


@pytest.fixture
def open_profile(playwright: Playwright) -> Iterator[OpenProfile]:
    """Return what opens Chromium on a profile folder; all that is opened is closed after the test."""
    with ExitStack() as opened:

        def opener(directory: Path, **options: object) -> BrowserContext:
            context = launch(playwright, directory, **WITHOUT_ANIMATIONS, **options)
            opened.callback(context.close)
            return context

        yield opener


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def open_window(request: pytest.FixtureRequest) -> Iterator[OpenWindow]:
    """Return what opens a private window; all that is opened is closed after the test."""
    with ExitStack() as opened:

        def opener(**options: Any) -> BrowserContext:
            context = request.getfixturevalue("browser").new_context(**WITHOUT_ANIMATIONS, **options)
            opened.callback(context.close)
            return context

        yield opener


@pytest.fixture
def context(
    request: pytest.FixtureRequest, open_profile: OpenProfile, open_window: OpenWindow, site: Stack, tmp_path: Path
) -> Iterator[BrowserContext]:
    """Give a window without cookies or files; relative addresses are the site's, whose images take no time."""
    behave(site)
    if request.node.get_closest_marker("on_disk"):
        yield open_profile(tmp_path / "profile", base_url=site.url)
    else:
        yield open_window(base_url=site.url)
    # What a test leaves open is not made beside the next ones.
    site.inside.run("cancel_open()")


@pytest.fixture(scope="module")
def window(browser: Browser, site: Stack) -> Iterator[BrowserContext]:
    """A window in which somebody with 200 credits is signed in, for the tests of a module that leave it as it is."""
    window = browser.new_context(base_url=site.url, **WITHOUT_ANIMATIONS)
    behave(site)
    sign_in_somebody(window, site)
    yield window
    window.close()


@pytest.fixture
def tab(window: BrowserContext, site: Stack) -> Iterator[Page]:
    """A new tab of the module's window, without the drafts of the tests before."""
    behave(site)
    tab = window.new_page()
    tab.add_init_script("if (!sessionStorage.isClean) { localStorage.clear(); sessionStorage.isClean = 1; }")
    yield tab
    tab.close()
    site.inside.run("cancel_open()")


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return the first tab of the window."""
    return context.pages[0] if context.pages else context.new_page()
