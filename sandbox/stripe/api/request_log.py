"""The last requests to the API, with version and idempotency key."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

MAX_COUNT = 5_000


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
        self._requests: deque[Request] = deque(maxlen=MAX_COUNT)

    def note(self, request: Request) -> None:
        """Add a request."""
        self._requests.append(request)

    def last(self, count: int) -> list[Request]:
        """The latest ones, newest first."""
        return list(self._requests)[: -count - 1 : -1]

    def clear(self) -> None:
        """Delete all requests."""
        self._requests.clear()

    def as_json(self) -> list[dict[str, object]]:
        """All of them, as JSON knows them."""
        return [asdict(request) for request in list(self._requests)]
