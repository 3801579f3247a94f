"""Requests that Stripe would refuse for their form: a client under test should make none."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

from .contract import Problem

MAX_COUNT = 1_000


@dataclass(frozen=True)
class Violation:
    """One parameter of one request."""

    method: str
    path: str
    param: str
    message: str
    at: float = field(default_factory=time.time)


class Violations:
    """The last violations, oldest first."""

    def __init__(self) -> None:
        self._violations: deque[Violation] = deque(maxlen=MAX_COUNT)

    def note(self, method: str, path: str, problems: list[Problem]) -> None:
        """Add the problems of a request."""
        self._violations.extend(Violation(method, path, problem.param, problem.message) for problem in problems)

    def clear(self) -> None:
        """Delete all violations."""
        self._violations.clear()

    def as_json(self) -> list[dict[str, object]]:
        """All of them, as JSON knows them."""
        return [asdict(violation) for violation in self._violations]
