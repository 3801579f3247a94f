"""What is asked of every page: accessible, and never wider than the window."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_good(page: Page, path: str) -> None:
    """Open the page, open all that folds, and ask axe; then measure its width."""
    page.goto(path)
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
    violations = Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
