"""An answer of the database that is good for some seconds, shared by the threads of a process."""

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """What `ask` answers, asked again only after `seconds`; threads that want it meanwhile wait for the one asking."""

    def __init__(self, ask: Callable[[], Answer], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._asked_at = -math.inf

    def __call__(self) -> Answer:
        """Return the answer; raises what `ask` raises, and then asks again the next time."""
        with self._lock:
            if self._answer is None or time.monotonic() - self._asked_at > self._seconds:
                self._answer = self._ask()
                self._asked_at = time.monotonic()
            return self._answer
