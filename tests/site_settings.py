"""What settings.py makes of an environment."""

import runpy
from typing import Any

import pytest

from tests.processes import ROOT


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """Return the settings by name. They are computed in this process: starting another takes a hundred times longer."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "imagesinbulk" / "settings.py"))
