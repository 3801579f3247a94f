"""Chromium for the browser tests.

`page` is a tab of a private window: one Chromium has them all, and starting another takes a second. Private windows
store in memory, so tests of what a disk holds are marked `on_disk` and get a Chromium with a fresh profile.
`open_profile(directory)` opens (again) the profile in that folder.
`site` is the whole site, embedded, running for all browser tests of the session.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.chromium import ARGUMENTS, launch
from tests.databases import chromium
from tests.servers import Stack, stack

OpenProfile = Callable[..., BrowserContext]
OpenWindow = Callable[..., BrowserContext]


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
            context = launch(playwright, directory, **options)
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
            context = request.getfixturevalue("browser").new_context(**options)
            opened.callback(context.close)
            return context

        yield opener


@pytest.fixture
def context(
    request: pytest.FixtureRequest, open_profile: OpenProfile, open_window: OpenWindow, site: Stack, tmp_path: Path
) -> BrowserContext:
    """Return a window without cookies or files; relative addresses are the site's."""
    if request.node.get_closest_marker("on_disk"):
        return open_profile(tmp_path / "profile", base_url=site.url)
    return open_window(base_url=site.url)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return the first tab of the window."""
    return context.pages[0] if context.pages else context.new_page()


@pytest.fixture
def sign_in(site: Stack, context: BrowserContext) -> Callable[[str], None]:
    """Return what makes a verified user of that address and signs the browser in."""

    def signer(email: str) -> None:
        site.manage("create_user", email)
        context.add_cookies([{"name": "sessionid", "value": site.session_of(email), "url": site.url}])

    return signer
