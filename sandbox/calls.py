"""A log of the calls that the stand-ins received: who asked what, when, and how many at the same time."""

import secrets
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

KEPT_CALLS = 20_000
KEPT_PROMPT_CHARACTERS = 500


@dataclass
class Call:
    """One request to the API. Times are Unix times in seconds; `ended_at` is None while it is in flight."""

    endpoint: str
    request_id: str = field(default_factory=lambda: f"req_{secrets.token_hex(16)}")
    started_at: float = field(default_factory=time.time)
    ended_at: float | None = None
    status: int | None = None
    prompt: str = ""
    model: str = ""
    size: str = ""
    quality: str = ""
    image_count: int = 0
    reference_count: int = 0
    safety_identifier: str = ""
    user: str = ""
    fault: str = ""


class CallLog:
    """The last calls, and how many were in flight at once: overall, per end user and per prompt."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every call; those in flight still end in peace, uncounted."""
        with self._lock:
            self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
            self._in_flight: dict[str, Counter[str]] = defaultdict(Counter)
            self._most: dict[str, Counter[str]] = defaultdict(Counter)
            self._open: set[str] = set()

    @contextmanager
    def record(self, endpoint: str) -> Iterator[Call]:
        """Log a call from its start to its end, also when it fails."""
        call = Call(endpoint)
        with self._lock:
            self._calls.append(call)
        try:
            yield call
        finally:
            self._end(call)

    def start(self, call: Call) -> None:
        """Count a call as in flight, from the moment that its prompt is known."""
        call.prompt = call.prompt[:KEPT_PROMPT_CHARACTERS]
        with self._lock:
            self._open.add(call.request_id)
            for kind, key in _keys(call):
                self._in_flight[kind][key] += 1
                self._most[kind][key] = max(self._most[kind][key], self._in_flight[kind][key])

    def _end(self, call: Call) -> None:
        call.ended_at = time.time()
        with self._lock:
            if call.request_id not in self._open:
                return
            self._open.remove(call.request_id)
            for kind, key in _keys(call):
                self._in_flight[kind][key] -= 1

    def last(self, count: int) -> list[Call]:
        """The latest calls, newest first."""
        with self._lock:
            return list(self._calls)[: -count - 1 : -1]

    def summary(self) -> dict[str, object]:
        """The whole log, oldest call first, as JSON knows it."""
        with self._lock:
            return {
                "in_flight": self._in_flight["all"][""],
                "max_in_flight": self._most["all"][""],
                "max_in_flight_by_safety_identifier": dict(self._most["safety_identifier"]),
                "max_in_flight_by_user": dict(self._most["user"]),
                "max_in_flight_by_prompt": dict(self._most["prompt"]),
                "count": len(self._calls),
                "calls": [asdict(call) for call in self._calls],
            }


def _keys(call: Call) -> list[tuple[str, str]]:
    named = [("safety_identifier", call.safety_identifier), ("user", call.user), ("prompt", call.prompt)]
    return [("all", ""), *((kind, key) for kind, key in named if key)]


LOG = CallLog()
