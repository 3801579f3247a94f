"""Delivers events to webhook endpoints: signed, with retries, and with the faults that a test asks for."""

import hashlib
import hmac
import json
import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import requests

from sandbox.stripe.store import Obj

if TYPE_CHECKING:
    from sandbox.stripe.stand_in import StandIn

KEPT_TRIES = 5_000
MOST_WORKERS = 16
TIMEOUT_SECONDS = 30
LONGEST_WAIT_SECONDS = 300


@dataclass(frozen=True)
class Manner:
    """How events are delivered. `retry_seconds` is the wait after the first failure; it doubles with each attempt.

    `withhold` holds back all events; `copies` sends each event several times; `shuffle` picks any event that is due
    instead of the oldest; `workers` is the number of parallel deliveries.
    """

    withhold: bool = False
    delay_seconds: float = 0
    copies: int = 1
    shuffle: bool = False
    workers: int = 2
    retry_seconds: float = 1
    max_attempts: int = 12


@dataclass
class Delivery:
    """An event that waits for delivery to an endpoint; `due_at` is on the monotonic clock."""

    event_id: str
    endpoint_id: str
    due_at: float
    attempt: int = 1


@dataclass(frozen=True)
class Try:
    """One attempt: the endpoint's status, or None without an answer."""

    event: str
    type: str
    endpoint: str
    url: str
    attempt: int
    status: int | None
    error: str
    seconds: float
    at: float = field(default_factory=time.time)

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def signature(body: bytes, secret: str, signed_at: int | None = None) -> str:
    """The Stripe-Signature header of a body; https://docs.stripe.com/webhooks#verify-manually."""
    moment = int(time.time()) if signed_at is None else signed_at
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
    """Send a body. Returns the status, or None and the reason if there is no answer."""
    all_headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (sandbox)", **headers}
    try:
        answer = requests.post(url, data=body, headers=all_headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return None, type(error).__name__
    return answer.status_code, "" if answer.ok else answer.text[:300]


class Deliveries:
    """The queue of deliveries, and the threads that deliver."""

    def __init__(self, stripe: "StandIn") -> None:
        self._stripe = stripe
        self._changed = threading.Condition()
        self._waiting: list[Delivery] = []
        self._in_flight = 0
        self._threads: list[threading.Thread] = []
        self.manner = Manner()
        self.tries: deque[Try] = deque(maxlen=KEPT_TRIES)

    def reset(self) -> None:
        """Delete the queue and the attempts, and deliver normally again."""
        with self._changed:
            self._waiting.clear()
            self.tries.clear()
            self.manner = Manner()

    def behave(self, **changes: object) -> Manner:
        """Change how events are delivered; withheld events go out once `withhold` is off."""
        with self._changed:
            self.manner = replace(self.manner, **changes)  # type: ignore[arg-type]
            self._changed.notify_all()
        return self.manner

    def queue(self, event: Obj, endpoints: Iterable[Obj], copies: int | None = None) -> None:
        due_at = time.monotonic() + self.manner.delay_seconds
        count = self.manner.copies if copies is None else copies
        with self._changed:
            for endpoint in endpoints:
                self._waiting += [Delivery(event["id"], endpoint["id"], due_at) for _ in range(count)]
            self._start_threads()
            self._changed.notify_all()

    def dump(self) -> list[tuple[str, str, int]]:
        """The queue as JSON: event, endpoint, attempt."""
        with self._changed:
            return [(each.event_id, each.endpoint_id, each.attempt) for each in self._waiting]

    def load(self, dumped: Iterable[tuple[str, str, int]]) -> None:
        """Load what `dump` returned; all of it is due now."""
        with self._changed:
            self._waiting += [
                Delivery(event, endpoint, time.monotonic(), attempt) for event, endpoint, attempt in dumped
            ]
            self._start_threads()

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until the queue is empty. Returns False on a timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._in_flight, timeout_seconds)

    def summary(self) -> Obj:
        """The settings, the queue and all attempts, oldest first, as JSON."""
        with self._changed:
            return {
                "manner": asdict(self.manner),
                "waiting": len(self._waiting),
                "in_flight": self._in_flight,
                "tries": [asdict(each) for each in self.tries],
            }

    def _start_threads(self) -> None:
        while len(self._threads) < MOST_WORKERS:
            thread = threading.Thread(target=self._work, name="stripe-delivery", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            delivery = self._take()
            outcome = self._try(delivery)
            with self._changed:
                self._in_flight -= 1
                if outcome is not None:
                    self.tries.append(outcome)
                    self._again_after(delivery, outcome)
                self._changed.notify_all()

    def _take(self) -> Delivery:
        """Wait for a delivery that is due, and take it."""
        with self._changed:
            while True:
                moment = time.monotonic()
                due = [] if self._must_wait() else [each for each in self._waiting if each.due_at <= moment]
                if due:
                    delivery = random.choice(due) if self.manner.shuffle else min(due, key=lambda each: each.due_at)
                    self._waiting.remove(delivery)
                    self._in_flight += 1
                    return delivery
                later = [each.due_at - moment for each in self._waiting if each.due_at > moment]
                self._changed.wait(min(later, default=None))

    def _must_wait(self) -> bool:
        return self.manner.withhold or self._in_flight >= self.manner.workers

    def _try(self, delivery: Delivery) -> Try | None:
        """Deliver once. Returns None if the event or the endpoint no longer exists."""
        with self._stripe.store.lock:
            event = self._stripe.store.find("event", delivery.event_id)
            endpoint = self._stripe.store.find("webhook_endpoint", delivery.endpoint_id)
            if event is None or endpoint is None:
                return None
            body, verb = json.dumps(event, indent=2).encode(), event["type"]
            secret, url = self._stripe.webhook_endpoints.secret_of(endpoint["id"]), endpoint["url"]
        started = time.monotonic()
        status, error = post(url, body, {"Stripe-Signature": signature(body, secret)})
        seconds = round(time.monotonic() - started, 3)
        outcome = Try(delivery.event_id, verb, delivery.endpoint_id, url, delivery.attempt, status, error, seconds)
        if outcome.succeeded:
            with self._stripe.store.lock:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
        return outcome

    def _again_after(self, delivery: Delivery, outcome: Try) -> None:
        if outcome.succeeded or delivery.attempt >= self.manner.max_attempts:
            return
        wait = min(LONGEST_WAIT_SECONDS, self.manner.retry_seconds * 2 ** (delivery.attempt - 1))
        due_at = time.monotonic() + wait
        self._waiting.append(replace(delivery, attempt=delivery.attempt + 1, due_at=due_at))
