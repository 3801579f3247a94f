"""A value of the database, cached for some seconds and shared by the threads of a process."""

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class TimedCache(Generic[Answer]):
    """The value of `ask`, cached for `seconds`. While one thread asks, the others wait for its answer."""

    def __init__(self, ask: Callable[[], Answer], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._asked_at = -math.inf

    def __call__(self) -> Answer:
        """Return the value; an error of `ask` is raised and not cached."""
        with self._lock:
            if self._answer is None or time.monotonic() - self._asked_at > self._seconds:
                self._answer = self._ask()
                self._asked_at = time.monotonic()
            return self._answer
