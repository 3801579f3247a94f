"""Garbage collection while a process starts."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def frozen() -> Iterator[None]:
    """Exclude everything that is created in the block from garbage collection.

    Modules stay until the process ends. Python would search them for garbage while they are imported and again at
    exit, which takes half of the CPU time of a short command. Processes that are forked later share their memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
