"""The last requests to the API: what was asked, in which version, with which key for idempotency."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

KEPT = 5_000


@dataclass(frozen=True)
class Request:
    """One request and the status of its answer."""

    request_id: str
    method: str
    path: str
    status: int
    version: str
    idempotency_key: str
    was_replayed: bool
    at: float = field(default_factory=time.time)


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Request] = deque(maxlen=KEPT)

    def note(self, request: Request) -> None:
        """Remember a request."""
        self._kept.append(request)

    def last(self, count: int) -> list[Request]:
        """The latest ones, newest first."""
        return list(self._kept)[: -count - 1 : -1]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def as_json(self) -> list[dict[str, object]]:
        """All of them, as JSON knows them."""
        return [asdict(request) for request in list(self._kept)]
