"""Answers that are given again when a request comes again with the same Idempotency-Key."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.stripe.errors import other_parameters
from sandbox.stripe.store import Obj

KEPT_ANSWERS, SAVED_ANSWERS = 20_000, 500


@dataclass(frozen=True)
class Answer:
    """What a request was answered, and which request it was."""

    status: int
    body: Obj
    request: str


class Answers:
    """The answers by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Answer] = OrderedDict()

    def given(self, key: str, request: str) -> Answer | None:
        """The first answer for a key; refused when the key came with another request."""
        with self._lock:
            answer = self._kept.get(key)
        if answer is not None and answer.request != request:
            raise other_parameters(key)
        return answer

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer."""
        with self._lock:
            self._kept[key] = answer
            if len(self._kept) > KEPT_ANSWERS:
                self._kept.popitem(last=False)

    def dump(self) -> dict[str, tuple[int, Obj, str]]:
        """The latest answers, as JSON knows them."""
        with self._lock:
            latest = list(self._kept.items())[-SAVED_ANSWERS:]
        return {key: (answer.status, answer.body, answer.request) for key, answer in latest}

    def load(self, dumped: dict[str, tuple[int, Obj, str]]) -> None:
        """Take over what `dump` gave."""
        for key, answer in dumped.items():
            self.keep(key, Answer(*answer))

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()
