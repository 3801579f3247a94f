"""Requests that Stripe would refuse for their form: a client under test should make none."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

from .contract import Problem

MAX_COUNT = 1_000


@dataclass(frozen=True)
class Violation:
    method: str
    path: str
    param: str
    message: str
    at: float = field(default_factory=time.time)


class Violations:
    def __init__(self) -> None:
        self._violations: deque[Violation] = deque(maxlen=MAX_COUNT)

    def note(self, method: str, path: str, problems: list[Problem]) -> None:
        self._violations.extend(Violation(method, path, problem.param, problem.message) for problem in problems)

    def clear(self) -> None:
        self._violations.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(violation) for violation in self._violations]
