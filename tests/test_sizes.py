"""The hard stops of the house's table of sizes; the aims are lower and judged by reading."""

import ast
import itertools
from collections import Counter
from pathlib import Path

import pytest

from tests import source

FUNCTION_LINES = 50
VIEW_LINES = 40
TEST_LINES = 30
FILE_LINES = {"*.py": 400, "*.html": 120, "*.css": 200, "*.js": 150}
MODULES_OF_A_PACKAGE = 14
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "misc", "core"}


def lines_of(function: ast.FunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def too_long(paths: list[Path], limit: int, prefix: str = "") -> list[str]:
    return [
        f"{path}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for path in paths
        for function in source.functions(path)
        if lines_of(function) > limit and function.name.startswith(prefix)
    ]


def test_no_function_is_longer_than_its_stop() -> None:
    assert too_long(source.program_files(), FUNCTION_LINES) == []


def test_no_view_is_longer_than_its_stop() -> None:
    views = [path for path in source.program_files() if "views" in path.with_suffix("").parts]
    assert too_long(views, VIEW_LINES) == []


def test_no_test_is_longer_than_its_stop() -> None:
    assert too_long(source.files_of_tests(), TEST_LINES, prefix="test_") == []


@pytest.mark.parametrize("pattern", FILE_LINES)
def test_no_file_is_longer_than_its_stop(pattern: str) -> None:
    paths = source.files(pattern, *source.PACKAGES, "templates", "static")
    ours = (path for path in paths if not {"migrations", "djstripe_migrations"} & set(path.parts))
    counts = {str(path): source.line_count(path) for path in ours}
    assert {path: count for path, count in counts.items() if count > FILE_LINES[pattern]} == {}


def test_no_package_of_the_site_has_more_modules_than_its_stop() -> None:
    paths = source.program_files("lib", "rest", *source.APPS, "sandbox", "imagesinbulk")
    counts = Counter(str(path.parent) for path in paths if path.name != "__init__.py")
    assert {package: count for package, count in counts.items() if count > MODULES_OF_A_PACKAGE} == {}


def test_every_module_is_named_after_what_it_knows() -> None:
    parts = itertools.chain.from_iterable(path.with_suffix("").parts for path in source.files("*.py"))
    assert NAMES_THAT_SAY_NOTHING.isdisjoint(parts)
