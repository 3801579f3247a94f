"""Letters and the codes in them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

ReadCode = Callable[[str], str]
_CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.M)


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """Let tests sign in as often as they like; the limits have a test of their own."""
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def read_code(mailoutbox: list[Any]) -> ReadCode:
    """Return what reads the code in the last mail to that address; it stands on a line of its own."""

    def reader(address: str) -> str:
        letter = [letter for letter in mailoutbox if letter.to == [address]][-1]
        return _CODE.search(letter.body)[0]

    return reader
