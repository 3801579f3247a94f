"""Retries after network errors, 429 and 5xx, for a limited time."""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from iib.failures import ServerFailure

FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 30.0
Result = TypeVar("Result")


class Retryable(Exception):
    """A retry may help; `retry_after` is the delay in seconds that the server has asked for, if any."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass
class Patience:
    """Retries for up to `seconds` after the first error; `say` is called with a message before each delay."""

    seconds: float
    say: Callable[[str], None] = lambda sentence: None

    def retry(self, act: Callable[[], Result]) -> Result:
        """Return what `act` returns; raises `ServerFailure` if it still fails when the time is over."""
        deadline = float("inf")
        for attempt in itertools.count():
            try:
                return act()
            except Retryable as error:
                deadline = min(deadline, time.monotonic() + self.seconds)
                self._wait(error, attempt, deadline)
        raise AssertionError("unreachable")

    def _wait(self, error: Retryable, attempt: int, deadline: float) -> None:
        delay = backoff_seconds(attempt) if error.retry_after is None else error.retry_after
        if time.monotonic() + delay > deadline:
            raise ServerFailure(_final_message(error)) from error
        self.say(f"{error.reason} Trying again in {delay:.0f} s.")
        time.sleep(delay)


def backoff_seconds(attempt: int) -> float:
    """Return the delay after that attempt, counted from 0: doubling, with jitter."""
    longest = min(_LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(attempt, 10))
    return longest * random.uniform(0.5, 1)


def _final_message(error: Retryable) -> str:
    if error.retry_after is None:
        return f"{error.reason} Gave up after several attempts. Run the same command later to continue."
    return f"{error.reason} Run the same command in {error.retry_after:.0f} s to continue."
