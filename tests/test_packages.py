"""No list of packages leaves one out: a package that a tool does not read is neither checked nor tested."""

import tomllib

from tests import source
from tests.processes import ROOT

PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def test_the_house_rules_read_every_package() -> None:
    assert set(source.PACKAGES) == {*PACKAGES, "clients"}


def test_mypy_reads_every_package() -> None:
    # `iib` is the package in clients/. Tests and benchmarks are not strict.
    assert set(PYPROJECT["mypy"]["packages"]) == {*PACKAGES, "iib"} - {"bench", "tests"}


def test_pytest_collects_from_everywhere() -> None:
    assert "testpaths" not in PYPROJECT["pytest"]["ini_options"]
