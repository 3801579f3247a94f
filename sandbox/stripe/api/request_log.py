"""The last requests to the API, with version and idempotency key."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field

MAX_COUNT = 5_000


@dataclass(frozen=True)
class Request:
    request_id: str
    method: str
    path: str
    status: int
    version: str
    idempotency_key: str
    was_replayed: bool
    at: float = field(default_factory=time.time)


class RequestLog:
    def __init__(self) -> None:
        self._requests: deque[Request] = deque(maxlen=MAX_COUNT)

    def note(self, request: Request) -> None:
        self._requests.append(request)

    def last(self, count: int) -> list[Request]:
        return list(self._requests)[: -count - 1 : -1]

    def clear(self) -> None:
        self._requests.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(request) for request in list(self._requests)]
