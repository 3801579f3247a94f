"""Requests that Stripe would not understand: a client under test should cause none."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

from .contract import Problem

KEPT = 1_000


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
        self._kept: deque[Violation] = deque(maxlen=KEPT)

    def note(self, method: str, path: str, problems: list[Problem]) -> None:
        """Remember what was wrong with a request."""
        self._kept.extend(Violation(method, path, problem.param, problem.message) for problem in problems)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def as_json(self) -> list[dict[str, object]]:
        """All of them, as JSON knows them."""
        return [asdict(violation) for violation in self._kept]
