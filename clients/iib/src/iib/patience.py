"""Trying again: network errors, 429 and 5xx are waits, not failures, for a bounded time."""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from iib.failures import ServerFailure

_FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 30.0
Result = TypeVar("Result")


class Trouble(Exception):
    """Trying again can help; `retry_after` is the server's wish in seconds, if it has one."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass
class Patience:
    """Tries again for `seconds` at most, counted from the first trouble of an act; `say` is told of each wait."""

    seconds: float
    say: Callable[[str], None] = lambda sentence: None

    def keep_trying(self, act: Callable[[], Result]) -> Result:
        """Return what `act` returns; `ServerFailure` when its `Trouble` outlasts the patience."""
        deadline = float("inf")
        for attempt in itertools.count():
            try:
                return act()
            except Trouble as trouble:
                deadline = min(deadline, time.monotonic() + self.seconds)
                self._wait(trouble, attempt, deadline)
        raise AssertionError("counting does not end")

    def _wait(self, trouble: Trouble, attempt: int, deadline: float) -> None:
        delay = backoff_seconds(attempt) if trouble.retry_after is None else trouble.retry_after
        if time.monotonic() + delay > deadline:
            raise ServerFailure(_last_word(trouble)) from trouble
        self.say(f"{trouble.reason} Trying again in {delay:.0f} s.")
        time.sleep(delay)


def backoff_seconds(attempt: int) -> float:
    """Return the wait after that attempt, counted from 0: doubling, with jitter that keeps clients apart."""
    longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempt, 10))
    return longest * random.uniform(0.5, 1)


def _last_word(trouble: Trouble) -> str:
    if trouble.retry_after is None:
        return f"{trouble.reason} Gave up after several attempts; the same command goes on later."
    return f"{trouble.reason} The site asks to wait {trouble.retry_after:.0f} s; the same command goes on then."
