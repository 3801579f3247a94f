"""docs/figures.md: each of `make bench`, `make faults` and `make load` writes its own section."""

import re
import subprocess
import time
from collections.abc import Iterable

from bench.machine import facts
from bench.numbers import Number
from tests.processes import ROOT

FILE = ROOT / "docs/figures.md"


def write(command: str, table: str) -> None:
    """Replace the section of `make COMMAND` by a new one, with the machine, the date and the commit."""
    machine = facts()
    where = f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, Python {machine['python']}"
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    section = f"## make {command}\nMeasured {when} at commit {_commit()} on {where}.\n\n{table}\n"
    old = re.compile(rf"^## make {command}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text, count = old.subn(lambda _: section + "\n", FILE.read_text())
    if count != 1:
        raise ValueError(f"{FILE} has {count} sections of make {command}")
    FILE.write_text(text.rstrip() + "\n")


def table(numbers: Iterable[Number]) -> str:
    rows = [
        f"| {number.name} | {number.value:.4g} {number.unit} | {number.target_text} | {number.remark} |".replace(
            "  ", " "
        )
        for number in numbers
    ]
    return "\n".join(["| What | Measured | Target | |", "|---|---|---|---|", *rows])


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    own = FILE.relative_to(ROOT)
    return git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--short", "--", f":!{own}") else "")
