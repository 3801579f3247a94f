"""The client's README names what there is."""

import re
from pathlib import Path

from iib.cli import _COMMANDS
from iib.failures import ExitCode
from iib.lists import COLUMNS

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_each_exit_code_is_documented() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.M)} == {int(code) for code in ExitCode}


def test_each_command_is_shown() -> None:
    assert {name for name in _COMMANDS if f"iib {name}" not in README} == set()


def test_the_columns_are_those_that_are_read() -> None:
    assert ",".join(COLUMNS) in README
