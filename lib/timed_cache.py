"""A value cached for some seconds and shared by the threads of a process."""

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class TimedCache(Generic[Value]):
    """The value of `compute`, cached for `seconds`. While one thread computes it, the others wait."""

    def __init__(self, compute: Callable[[], Value], seconds: float) -> None:
        self._compute, self._seconds = compute, seconds
        self._lock = threading.Lock()
        self._value: Value | None = None
        self._computed_at = -math.inf

    def clear(self) -> None:
        with self._lock:
            self._value = None

    def __call__(self) -> Value:
        with self._lock:
            if self._value is None or time.monotonic() - self._computed_at > self._seconds:
                self._value = self._compute()
                self._computed_at = time.monotonic()
            return self._value
