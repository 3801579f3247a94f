"""How tests, benchmarks and screenshots start Chromium."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright, expect

from tests.databases import chromium

# A busy machine needs longer than Playwright's 5 seconds.
expect.set_options(timeout=30_000)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, profile: Path, **options: Any) -> BrowserContext:
    """Open Chromium on the profile folder, made if new; `options` as in Playwright's launch_persistent_context."""
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=ARGUMENTS, accept_downloads=True, **options
    )
