"""Tests call and replace only what modules offer, so that their private steps can change."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests import source

#: Of Django.
ALLOWED = {"_meta", "_registry", "_default_manager", "_base_manager", "_fixture_teardown", "_read_started"}
#: As in `setattr(module, "_name", …)`, `"module._name"` or `"module:Class._name:after"`.
DOTTED = re.compile(r"(?:[\w.:]+[.:])?(_[a-z]\w*)(?::\w+)?")
PATHS = [path for path in [*source.files("*.py"), Path("conftest.py")] if {"tests", "conftest.py"} & set(path.parts)]


def private_names(path: Path) -> Iterator[str]:
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setattr":
            yield from words_in(node.args)
        elif isinstance(node, ast.Tuple | ast.List):
            yield from words_in(node.elts)


def words_in(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and (found := DOTTED.fullmatch(str(node.value))):
            yield found[1]


def test_no_test_uses_a_private_name_of_ours() -> None:
    used = {path: {name for name in private_names(path) if re.match("_[a-z]", name)} - ALLOWED for path in PATHS}
    assert {str(path): names for path, names in used.items() if names} == {}
