"""Options of glibc's allocator. With another C library they do nothing."""

import ctypes

#: Numbers of options, from glibc's malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


def set_option(option: int, value: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(option, value)
