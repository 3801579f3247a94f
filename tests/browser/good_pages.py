"""What is asked of every page: accessible in light and dark, and never wider than the window."""

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

#: The rules whose answer depends on the colours.
OF_COLOURS = ("color-contrast", "link-in-text-block")
#: Once the colours have changed. Only what is read: axe's whole answer has every element of the page.
RUN = """async (options) => {
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const { violations } = await axe.run({ resultTypes: ["violations"], ...options });
  return violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200), nodes[0].failureSummary]);
}"""


def barriers(page: Page, but: Sequence[str] = (), only: Sequence[str] = ()) -> list[list[str]]:
    """Return the rule and the first element of each violation that axe finds on the open page, in light or in dark."""
    page.evaluate(AXE_SCRIPT)
    off = {rule: {"enabled": False} for rule in but}
    page.emulate_media(color_scheme="light")
    found: list[list[str]] = page.evaluate(RUN, {"runOnly": list(only)} if only else {"rules": off})
    if colours := [rule for rule in only or OF_COLOURS if rule in OF_COLOURS]:
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(RUN, {"runOnly": colours})
    return found


def assert_good(page: Page, path: str) -> None:
    """Open the page and all that folds; measure its width, and ask axe."""
    assert_fits(page, path)
    found = barriers(page)
    assert found == [], (path, found)


def assert_fits(page: Page, path: str) -> None:
    """Open the page and all that folds, and measure its width."""
    page.goto(path)
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
