"""The repository's own source files, as its rule tests read them."""

import ast
from functools import cache
from pathlib import Path

from tests.processes import ROOT

APPS = ("accounts", "billing", "batches", "privacy", "operations")
PACKAGES = ("lib", "rest", *APPS, "sandbox", "imagesinbulk", "bench", "clients", "tests")


def files(pattern: str, *folders: str) -> list[Path]:
    """Return the files below `folders` (all of ours by default) that match `pattern`, as paths from the root."""
    found = (path for folder in folders or PACKAGES for path in (ROOT / folder).rglob(pattern))
    return sorted(path.relative_to(ROOT) for path in found if "__pycache__" not in path.parts)


def program_files(*folders: str) -> list[Path]:
    """Return the Python files that are neither tests nor migrations."""
    outside = {"tests", "migrations", "djstripe_migrations", "bench"}
    return [path for path in files("*.py", *folders) if not outside & set(path.parts)]


def files_of_tests() -> list[Path]:
    """Return the Python files with tests."""
    return files("test_*.py")


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse((ROOT / path).read_text())


def functions(path: Path) -> list[ast.FunctionDef]:
    """Return every function and method of the file, nested ones too."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]


def line_count(path: Path) -> int:
    """Return the number of lines of a text file."""
    return len((ROOT / path).read_text().splitlines())
