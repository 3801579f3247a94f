"""`make screenshots`: pictures of every page, in light and dark, on desk and phone, in each language.

They go to `screenshots/<language>/<page>-<scheme>-<device>.png`, which git ignores. Words given in ARGS keep only
the pictures whose path has all of them: `make screenshots ARGS="es phone"`.
"""

import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.browser.batch_page import behave, expect_stored, sign_in_somebody
from tests.browser.chromium import launch
from tests.processes import ROOT
from tests.servers import Stack, stack

DEVICES = {"desk": (1440, 900), "phone": (390, 844)}
PROMPTS = [
    "a red fox asleep in fresh snow",
    "half a lemon on blue linen",
    "a lighthouse at dusk",
    "something forbidden [refuse]",
    "a bowl of ramen from above",
    "a paper boat in the rain",
]
OPEN = {"landing": "/", "pricing": "/pricing/", "sign-in": "/accounts/login/", "sign-up": "/accounts/signup/"}
OPEN |= {"terms": "/terms/", "privacy": "/privacy/", "refunds": "/refunds/", "contact": "/contact/"}
OPEN |= {"reset": "/accounts/password/reset/", "not-found": "/nothing-here/"}
SIGNED_IN = {"home": "/", "batches": "/batches/", "new-batch": "/batches/new/", "account": "/account/"}
SIGNED_IN |= {"activity": "/account/activity/", "presets": "/batches/presets/"}
SIGNED_IN |= {"billing": "/account/billing/", "usage": "/account/usage/", "keys": "/account/keys/"}
SIGNED_IN |= {"email": "/accounts/email/", "password": "/accounts/password/set/", "sessions": "/accounts/sessions/"}
SIGNED_IN |= {"two-factor": "/accounts/2fa/", "totp": "/accounts/2fa/totp/activate/"}
SIGNED_IN |= {"your-data": "/account/privacy/", "delete-account": "/account/privacy/delete/"}
SIGNED_IN |= {"passkey": "/accounts/2fa/webauthn/add/", "sign-out": "/accounts/logout/"}


@dataclass
class View:
    """One way of looking at the site."""

    language: str
    scheme: str
    device: str

    def path(self, name: str) -> Path:
        """Return where the picture of that page goes."""
        return ROOT / "screenshots" / self.language / f"{name}-{self.scheme}-{self.device}.png"

    def take(self, page: Page, name: str) -> None:
        """Take the picture of what the tab shows, from top to bottom."""
        page.wait_for_timeout(700)
        page.screenshot(path=self.path(name), full_page=True)


def views(words: list[str]) -> Iterator[View]:
    """Return each way of looking whose description has all of the words."""
    for choice in itertools.product(("en", "es"), ("light", "dark"), DEVICES):
        if set(words) <= set(choice):
            yield View(*choice)


def visit(page: Page, view: View, pages: dict[str, str]) -> None:
    """Take a picture of each of the pages."""
    for name, address in pages.items():
        page.goto(address)
        view.take(page, name)


def walk(context: BrowserContext, site: Stack, view: View) -> None:
    """Look at the site as a visitor, then as a customer who makes a batch."""
    page = context.pages[0]
    visit(page, view, OPEN)
    sign_in_somebody(context, site)
    page.goto("/batches/new/")
    page.locator("#prompts").fill("\n".join(PROMPTS))
    view.take(page, "bill")
    page.locator(".bill button[data-kind=primary]").click()
    page.wait_for_url("**/batches/*-*/")
    view.take(page, "batch-running")
    expect_stored(page, len(PROMPTS) - 1)
    view.take(page, "batch")
    page.locator("li.tile[data-stored] a[data-part=open]").first.click()
    view.take(page, "viewer")
    page.goto(f"{page.url}images/1/edit/")
    page.locator("input[value=painted]").check(force=True)
    page.locator("canvas").click(position={"x": 90, "y": 70})
    view.take(page, "edit-image")
    visit(page, view, SIGNED_IN)


def main(playwright: Playwright, words: list[str]) -> None:
    """Start a site of its own, and look at it in each way."""
    with stack("embedded") as site, tempfile.TemporaryDirectory() as profiles:
        site.start("sandbox", "worker", "web")
        behave(site, delay_seconds=0.3, image_bytes=None)
        for n, view in enumerate(views(words)):
            width, height = DEVICES[view.device]
            options = {"base_url": site.url, "locale": view.language, "color_scheme": view.scheme}
            context = launch(playwright, Path(profiles, str(n)), viewport={"width": width, "height": height}, **options)
            walk(context, site, view)
            context.close()
            print(view)


if __name__ == "__main__":
    with sync_playwright() as started:
        main(started, sys.argv[1:])
