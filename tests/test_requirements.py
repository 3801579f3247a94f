"""What the site is made of is named exactly, and by any mirror of the registries."""

import json
import re

import pytest

from tests.processes import ROOT

LOCK = json.loads((ROOT / "package-lock.json").read_text())
PINNED = re.compile(r"^[A-Za-z0-9-]+(\[[a-z0-9,]+\])?==[0-9][\w.]*$")


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_each_requirement_is_pinned(path: object) -> None:
    lines = (ROOT / str(path)).read_text().splitlines()
    requirements = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert [line for line in requirements if not PINNED.match(line)] == []


def test_the_browser_gets_two_packages() -> None:
    shipped = {path for path, package in LOCK["packages"].items() if path and not package.get("dev")}
    assert shipped == {"node_modules/client-zip", "node_modules/idb"}


def test_the_lock_proves_each_package_and_names_no_registry() -> None:
    packages = [package for path, package in LOCK["packages"].items() if path]
    assert [package for package in packages if "integrity" not in package or "resolved" in package] == []


def test_advisories_are_looked_for_each_week_in_all_that_is_pinned() -> None:
    workflow = (ROOT / ".github" / "workflows" / "advisories.yml").read_text()
    audited = set(re.findall(r"-r (requirements\S*\.txt)", workflow))
    assert audited == {path.name for path in ROOT.glob("requirements*.txt")}
    assert "npm audit" in workflow
    assert "schedule:" in workflow
