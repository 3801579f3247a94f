"""A fake site, a computer of one's own, and the command to run against them."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_site import KEY, FakeSite, Server

from iib import pace, patience
from iib.cli import main


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with Server() as server:
        yield server.site
        server.shutdown()


@pytest.fixture(autouse=True)
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key, no file, no long waits; the signal handlers of the test's process stay as they are."""
    for name in [name for name in os.environ if name.startswith("IIB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pace, "SOONEST_SECONDS", 0.01)
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.01)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@dataclass
class Command:
    """`iib` in a folder of its own; each call returns the exit code."""

    site: FakeSite
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: Any) -> int:
        return main([str(argument) for argument in arguments])

    def run(self, text: str = "cat\ndog\nowl\n", *options: Any, name: str = "prompts.txt") -> int:
        """Run a list that is written first."""
        Path(name).write_text(text, encoding="utf-8")
        return self("run", name, "--out", self.folder, *options)

    def files(self) -> list[str]:
        """Return the names in the folder, without what begins with a dot."""
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))

    def printed(self) -> Any:
        """Return what was written since the last look: standard output, standard error."""
        return self.capsys.readouterr()


@pytest.fixture
def iib(site: FakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("IIB_API_KEY", KEY)
    monkeypatch.setenv("IIB_URL", site.url)
    return Command(site, tmp_path / "out", capsys)
