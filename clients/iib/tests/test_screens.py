"""What is shown: a bar that fits, and nothing that steers the terminal."""

import io
from typing import Any

import pytest
from fake_site import FakeSite

from conftest import Command
from iib.answers import Bill
from iib.pace import Pace
from iib.screens import Bar, Lines, Standing, bar_line

ASTRONAUT = "1 👩\u200d🚀.png"


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (Standing(0, 0, 4, "queued"), "[------------------------------] 0/4"),
        (Standing(2, 1, 4, "running", 50), "[###############---------------] 2/4, 1 failed, about 50 s left"),
        (Standing(4, 0, 4, "finished"), "[##############################] 4/4, finished"),
        (Standing(0, 0, 0, "paused"), "[------------------------------] 0/0, paused"),
    ],
)
def test_the_bar_shows_the_progress(standing: Any, line: str) -> None:
    assert bar_line(standing, 100) == line


def test_the_bar_fits_the_terminal() -> None:
    assert len(bar_line(Standing(2, 1, 4, "running", 5_000), 40)) == 39


def test_remarks_stand_above_the_bar() -> None:
    screen = Bar(out=io.StringIO(), err=io.StringIO())
    screen.progress(Standing(1, 0, 2, "running"))
    screen.remark("The site does not answer.")
    assert "\r\x1b[KThe site does not answer.\n[###" in screen.err.getvalue()


def test_nothing_from_the_network_steers_the_terminal() -> None:
    screen = Lines(out=io.StringIO(), err=io.StringIO())
    screen.bill(Bill(1, 1, 5, ["\x1b[2J\x07cat.png"], 12))
    assert "\x1b" not in screen.out.getvalue()


def test_joined_emoji_and_letters_are_shown_as_they_are() -> None:
    screen = Lines(out=io.StringIO(), err=io.StringIO())
    screen.bill(Bill(1, 1, 5, [ASTRONAUT], 12))
    assert ASTRONAUT in screen.out.getvalue()


def test_polls_come_later_while_nothing_changes() -> None:
    pace = Pace()
    waits = [pace.next_seconds(has_news=False, total=10) for _ in range(30)]
    assert waits == sorted(waits)
    assert waits[-1] == 15
    assert pace.next_seconds(has_news=True, total=1_000) == 10


def test_the_time_left_is_unknown_until_an_image_is_made() -> None:
    pace = Pace()
    assert pace.seconds_left(3, 10) is None
    assert pace.seconds_left(4, 10) is not None


def test_a_name_that_the_terminal_cannot_show_stops_nothing(
    iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\n")
    monkeypatch.setattr("sys.stdout", out)
    site.names = ["\u732b.png"]
    assert iib.run("cat\n") == 0
    assert out.buffer.getvalue() == b"1/1 \\u732b.png\n"
    assert iib.files() == ["manifest.csv", "\u732b.png"]
