"""How a process uses memory: options of glibc's allocator, and Python's garbage collection."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Numbers of options, from glibc's malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


def set_malloc_option(option: int, value: int) -> None:
    """Set an option of glibc's allocator. With another C library it does nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(option, value)


@contextmanager
def excluded_from_garbage_collection() -> Iterator[None]:
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
