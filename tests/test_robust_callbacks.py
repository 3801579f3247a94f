"""Callbacks of `on_commit(…, robust=True)` are lambdas: Django logs their `__qualname__`, and partials have none."""

import ast

from tests import source


def robust_callbacks() -> list[tuple[str, type[ast.expr]]]:
    calls = (
        (path, node)
        for path in source.program_files()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call) and any(each.arg == "robust" for each in node.keywords)
    )
    return [(f"{path}:{call.lineno}", type(call.args[0])) for path, call in calls]


def test_a_callback_that_fails_can_be_logged() -> None:
    assert [place for place, kind in robust_callbacks() if kind is not ast.Lambda] == []
    assert robust_callbacks()
