"""Loaded by Python itself when this folder is in PYTHONPATH: kills the process in the function that DIE_IN names.

`module:name` is killed when it is called, `module:name:after` when it returns.
"""

import importlib.abc
import importlib.machinery
import os
import signal
import sys
from functools import wraps
from types import ModuleType
from typing import Any

MODULE, NAME, AFTER = (*os.environ["DIE_IN"].split(":"), "")[:3]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def plant(module: ModuleType) -> None:
    """Replace the function by one that dies."""
    *owners, name = NAME.split(".")
    owner: Any = module
    for each in owners:
        owner = getattr(owner, each)
    function = getattr(owner, name)

    @wraps(function)
    def dying(*arguments: Any, **named: Any) -> Any:
        if not AFTER:
            die()
        result = function(*arguments, **named)
        die()
        return result

    setattr(owner, name, dying)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the one module as usual, and changes it after it was run."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        loader: Any = spec.loader
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            plant(module)

        loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
