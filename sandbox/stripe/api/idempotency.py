"""The answers by Idempotency-Key: a repeated request gets the first answer again."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.stripe.errors import other_parameters
from sandbox.stripe.store import Obj

MAX_ANSWERS, SAVED_ANSWERS = 20_000, 500


@dataclass(frozen=True)
class Answer:
    status: int
    body: Obj
    request: str


class Answers:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def given(self, key: str, request: str) -> Answer | None:
        """The first answer for a key. A key with another request is refused."""
        with self._lock:
            answer = self._answers.get(key)
        if answer is not None and answer.request != request:
            raise other_parameters(key)
        return answer

    def keep(self, key: str, answer: Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)

    def dump(self) -> dict[str, tuple[int, Obj, str]]:
        with self._lock:
            latest = list(self._answers.items())[-SAVED_ANSWERS:]
        return {key: (answer.status, answer.body, answer.request) for key, answer in latest}

    def load(self, dumped: dict[str, tuple[int, Obj, str]]) -> None:
        for key, answer in dumped.items():
            self.keep(key, Answer(*answer))

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()


def fingerprint(method: str, path: str, body: bytes) -> str:
    """A hash that is the same for the same request."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()
