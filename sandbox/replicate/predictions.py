"""Predictions, in memory only. Their status follows from the time that has passed."""

import re
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .catalogue import VIDEO, Model
from .words import words_of

KEPT_PREDICTIONS = 5_000
ENDED = ("succeeded", "failed", "canceled", "aborted")
_UNITS = {"s": 1, "m": 60, "h": 3600}
_ERRORS = {
    "failed": "Prediction failed: the model raised an exception.",
    "nsfw": "The content was flagged as sensitive. Please try again with different inputs. (E005)",
}
#: A link-local address that clouds use for their secrets.
PRIVATE_URL = "https://169.254.169.254/latest/out.mp4"


@dataclass
class Prediction:
    """One run of a model that takes `seconds`; times are Unix times."""

    model: Model
    input: dict[str, Any]
    base_url: str
    seconds: float
    cancel_after: float
    webhook: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(13))
    created_at: float = field(default_factory=time.time)
    canceled_at: float | None = None

    @property
    def words(self) -> dict[str, int]:
        """The magic words of its prompt."""
        return words_of(self.input["prompt"])

    @property
    def status(self) -> str:
        """What has become of it by now."""
        age = time.time() - self.created_at
        if self.canceled_at is not None:
            return "canceled"
        if "never" in self.words:
            return "processing" if age < self.cancel_after else "canceled"
        if age < self.seconds:
            return "starting" if age < self.seconds / 3 else "processing"
        if "aborted" in self.words:
            return "aborted"
        return "failed" if self.words.keys() & _ERRORS.keys() else "succeeded"

    def cancel(self) -> None:
        """End it, unless it has ended."""
        if self.status not in ENDED:
            self.canceled_at = time.time()

    def as_json(self) -> dict[str, object]:
        """The object of the API."""
        status = self.status
        has_ended = status in ENDED
        error = next((text for word, text in _ERRORS.items() if word in self.words), None)
        return {
            "id": self.id,
            "model": self.model.name,
            "version": "hidden",
            "input": self.input,
            "output": self._output() if status == "succeeded" else None,
            "error": error if status == "failed" else None,
            "logs": "",
            "status": status,
            "source": "api",
            "data_removed": False,
            "created_at": _text(self.created_at),
            "started_at": None if status == "starting" else _text(self.created_at + self.seconds / 3),
            "completed_at": _text(self.created_at + self.seconds) if has_ended else None,
            "metrics": {"predict_time": self.seconds} if has_ended else {},
            "urls": {
                "get": f"{self.base_url}/v1/predictions/{self.id}",
                "cancel": f"{self.base_url}/v1/predictions/{self.id}/cancel",
            },
        }

    def _output(self) -> object:
        if "private" in self.words:
            return PRIVATE_URL
        name = "out.mp4" if self.model.makes == VIDEO else f"out.{self.input.get('output_format', 'png')}"
        url = f"{self.base_url}/replicate/files/{self.id}/{name}"
        return url if self.model.makes == VIDEO else [url]


class Predictions:
    """The last predictions, newest last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Prediction] = OrderedDict()

    def add(self, prediction: Prediction) -> None:
        """Remember it, and forget the oldest."""
        with self._lock:
            self._by_id[prediction.id] = prediction
            while len(self._by_id) > KEPT_PREDICTIONS:
                self._by_id.popitem(last=False)

    def get(self, prediction_id: str) -> Prediction | None:
        """The prediction with that id."""
        return self._by_id.get(prediction_id)

    def newest_first(self) -> list[Prediction]:
        """All of them."""
        with self._lock:
            return list(reversed(self._by_id.values()))

    def forget(self) -> None:
        """Drop all of them."""
        with self._lock:
            self._by_id.clear()


PREDICTIONS = Predictions()


def seconds_in(header: str) -> float:
    """The length of time of `Cancel-After`, such as 30s or 20m; half an hour without one, the API's own limit."""
    match = re.fullmatch(r"(\d+)([smh])", header)
    return int(match[1]) * _UNITS[match[2]] if match else 1800


def _text(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
