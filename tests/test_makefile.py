"""`make` on a bare machine: a `.venv` with pip in it, or the reason why not and nothing half done."""

import ensurepip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import ROOT

Make = Callable[[str], subprocess.CompletedProcess[str]]
#: Python's folder with pip's wheel, or Debian's.
FOLDERS = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
WHEELS = next(filter(Path.exists, FOLDERS), None)
#: Debian's python3 without python3-venv. `{pip}` is what becomes of `python3 -m pip`.
PYTHON = """#!/bin/sh
case "$*" in
  *--without-pip*) exec {python} "$@" ;;
  "-m venv"*) echo "ensurepip is not available"; mkdir -p {venv}; exit 1 ;;
  "-m pip"*) {pip} ;;
esac
exec {python} "$@"
"""
pytestmark = pytest.mark.skipif(not (shutil.which("make") and WHEELS), reason="needs make and pip's wheel")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what lets make create a `.venv` with such a Python, without the network."""

    def maker(pip: str) -> subprocess.CompletedProcess[str]:
        python, venv = tmp_path / "python3", tmp_path / ".venv"
        python.write_text(PYTHON.format(python=sys.executable, venv=venv, pip=pip))
        python.chmod(0o755)
        command = ["make", f"PYTHON={python}", f"VENV={venv}", str(venv / "bin" / "python")]
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.run(command, cwd=ROOT, env=os.environ | offline, capture_output=True, text=True, check=False)

    return maker


def test_without_ensurepip_the_systems_pip_installs_one(make: Make, tmp_path: Path) -> None:
    made = make(pip=":")
    assert made.returncode == 0, made.stderr
    assert "not available" not in made.stdout
    subprocess.run([tmp_path / ".venv/bin/python", "-m", "pip", "--version"], check=True)


def test_without_any_pip_the_reason_is_printed_and_nothing_stays(make: Make, tmp_path: Path) -> None:
    made = make(pip="echo No module named pip >&2; exit 1")
    assert made.returncode != 0
    assert "ensurepip is not available" in made.stdout
    assert not (tmp_path / ".venv").exists()
