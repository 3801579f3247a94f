"""How the OpenAI sandbox behaves: delay, file size, errors for the next calls. In memory only."""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field, replace

from . import environment


@dataclass(frozen=True)
class Behaviour:
    """The settings that the control page changes.

    `image_bytes` pads PNG files to about that size; None leaves them as they are. More than `images_per_minute` get a
    429; None sets no limit. `fail_kind` is a magic word for the next `fail_count` calls of `fail_endpoint`, whatever
    their prompt.
    """

    delay_seconds: float = field(default_factory=environment.delay_seconds)
    retry_after_seconds: float = 2
    image_bytes: int | None = None
    images_per_minute: int | None = None
    fail_kind: str = ""
    fail_count: int = 0
    fail_endpoint: str = "images"

    def as_json(self) -> dict[str, object]:
        """The settings as `/sandbox/settings` shows and takes them."""
        flat = {name: value for name, value in asdict(self).items() if not name.startswith("fail_")}
        failure = {"kind": self.fail_kind, "count": self.fail_count, "endpoint": self.fail_endpoint}
        return {**flat, "fail_next": failure if self.fail_count else None}


class Director:
    """Holds the current behaviour and counts down. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.current = Behaviour()
        self.forget()

    def forget(self) -> None:
        """Restart the counts: each prompt's errors and the minute's images."""
        with self._lock:
            self._struck: dict[tuple[str, str], int] = {}
            self._admitted: deque[float] = deque()

    def change(self, **changes: object) -> None:
        """Replace some settings."""
        with self._lock:
            self.current = replace(self.current, **changes)  # type: ignore[arg-type]

    def take_failure(self, endpoint: str) -> str:
        """The magic word for this call, counted down; empty if there is none."""
        with self._lock:
            if not self.current.fail_count or self.current.fail_endpoint != endpoint:
                return ""
            self.current = replace(self.current, fail_count=self.current.fail_count - 1)
            return self.current.fail_kind

    def strikes(self, word: str, prompt: str, times: int | None) -> bool:
        """Whether a prompt's word applies once more, if it does so `times` times; None is always."""
        if times is None:
            return True
        with self._lock:
            struck = self._struck.get((word, prompt), 0)
            self._struck[word, prompt] = struck + 1
            return struck < times

    def admits(self, image_count: int) -> bool:
        """Whether the images are within the limit of the last minute; if so they are counted."""
        limit, now = self.current.images_per_minute, time.monotonic()
        with self._lock:
            while self._admitted and self._admitted[0] <= now - 60:
                self._admitted.popleft()
            if limit is not None and len(self._admitted) + image_count > limit:
                return False
            self._admitted.extend([now] * image_count)
            return True

    @property
    def images_left(self) -> int | None:
        """How many images are left in this minute; None without a limit."""
        limit = self.current.images_per_minute
        return None if limit is None else max(0, limit - len(self._admitted))


DIRECTOR = Director()
