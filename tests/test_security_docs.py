"""docs/security.md speaks of each requirement of ASVS 5.0's first two levels once, and of files that there are."""

import re

from tests.processes import ROOT

TEXT = (ROOT / "docs/security.md").read_text()
#: How many requirements of levels 1 and 2 each section has; they are the first ones of it.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def numbers(cell: str) -> list[str]:
    """Return the requirements of a cell: `1.2.1–1.2.3, 1.2.5` are four."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, number = first.rpartition(".")
        end = int(last.rpartition(".")[2]) if last else int(number)
        found += [f"{section}.{each}" for each in range(int(number), end + 1)]
    return found


def test_each_requirement_has_one_state() -> None:
    rows = re.findall(r"^\| ([\d., –]+) \| (?:met|partly|not|n/a) \| .+ \|$", TEXT, re.MULTILINE)
    expected = [f"{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1)]
    assert sorted(number for row in rows for number in numbers(row)) == sorted(expected)


def test_each_file_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w./-]+/[\w.-]+\.\w+|requirements\.txt|package-lock\.json)`", TEXT)
    linked = [f"docs/{name}" for name in re.findall(r"\]\(([\w/.-]+\.md)\)", TEXT)]
    assert [path for path in {*named, *linked} if not (ROOT / path).exists()] == ["/.well-known/security.txt"]
