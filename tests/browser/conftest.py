"""Chromium for the browser tests: fresh profiles on disk, because a private window keeps its storage in memory.

`page` is a tab of a fresh profile. `open_profile(directory)` opens (again) the profile in that folder.
`site` is the whole site, embedded, running for all browser tests of the session.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.chromium import launch
from tests.servers import Stack, stack

OpenProfile = Callable[..., BrowserContext]


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


@pytest.fixture
def context(open_profile: OpenProfile, site: Stack, tmp_path: Path) -> BrowserContext:
    """Return Chromium on a fresh profile; relative addresses are the site's."""
    return open_profile(tmp_path / "profile", base_url=site.url)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return the first tab of a fresh profile."""
    return context.pages[0]


@pytest.fixture
def sign_in(site: Stack, context: BrowserContext) -> Callable[[str], None]:
    """Return what makes a verified user of that address and signs the browser in."""

    def signer(email: str) -> None:
        site.manage("create_user", email)
        context.add_cookies([{"name": "sessionid", "value": site.session_of(email), "url": site.url}])

    return signer
