"""An image service that answers a prompt's first call in one of 85 wrong ways, if the prompt ends with "kind N"."""

import base64
import io
import json
import os
import random
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

from PIL import Image

STATUSES = (200, 201, 202, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504)
BODIES = ("garbage", "html", "truncated", "wrong base64", "drip", "hang")
TINY = "200 tiny image"
KINDS = [*(f"{status} {body}" for status in STATUSES for body in BODIES), TINY]
#: The answer while all places are taken.
BUSY = "429 busy"
#: Longer than the leases of these sites, which the worker must renew meanwhile.
_CUT_AFTER_SECONDS = 5.0


def _answer_with(size: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((size, size), 60).save(file, "PNG")
    return json.dumps({"data": [{"b64_json": base64.b64encode(file.getvalue()).decode()}]}).encode()


# A quarter of each edge that is requested, which is the least that is delivered.
_GOOD, _TINY = _answer_with(256), _answer_with(16)
_WHOLE_BODIES = {
    "garbage": os.urandom(2000),
    "html": b"<html><h1>Bad Gateway</h1></html>",
    "wrong base64": b'{"data": [{"b64_json": "*** no base64 ***"}]}',
    "tiny image": _TINY,
}


@dataclass
class Call:
    """One call; `kind` is empty for a call that got an image, `caller` is the URL's first part."""

    caller: str
    prompt: str
    kind: str


class HostileUpstream(ThreadingHTTPServer):
    """Listens on a free port of the loopback address; an image takes about `seconds`.

    It makes at most `places` images at the same time, and answers other calls with a 429.
    """

    daemon_threads = True
    request_queue_size = 500

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._lock = threading.Lock()
        self.forget()

    def forget(self, seconds: float = 0.5, places: int = 1_000) -> None:
        """Forget all calls, and answer at another speed."""
        with self._lock:
            self.seconds, self.places, self.busy_places = seconds, places, 0
            self.calls: list[Call] = []
            self._seen: set[str] = set()

    def url_for(self, caller: str) -> str:
        """Return the base URL for a process whose calls are to be recognised."""
        return f"http://127.0.0.1:{self.server_port}/{caller}/v1"

    def record(self, caller: str, prompt: str) -> Call:
        named = re.search(r" kind (\d+)$", prompt)
        with self._lock:
            kind = KINDS[int(named[1])] if named and prompt not in self._seen else ""
            self._seen.add(prompt)
            if not kind and self.busy_places >= self.places:
                kind = BUSY
            self.busy_places += not kind
            call = Call(caller, prompt, kind)
            self.calls.append(call)
        return call

    def leave_place(self) -> None:
        with self._lock:
            self.busy_places -= 1

    def images_made(self) -> int:
        return sum(not call.kind for call in self.calls)


class _Handler(BaseHTTPRequestHandler):
    server: HostileUpstream

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/moderations"):
            self._flag_nothing(json.loads(body)["input"])
            return
        call = self.server.record(self.path.split("/")[1], json.loads(body)["prompt"])
        # The client may have been killed.
        with suppress(ConnectionError):
            if call.kind == BUSY:
                self._send(429, b"{}", 2, {"Retry-After": "1"})
            elif call.kind:
                self._answer_wrongly(call.kind)
            else:
                self._answer()

    def _answer(self) -> None:
        time.sleep(self.server.seconds * random.uniform(0.5, 1.5))
        self.server.leave_place()
        self._send(200, _GOOD, len(_GOOD))

    def _flag_nothing(self, texts: list[str]) -> None:
        answer = json.dumps({"results": [{"flagged": False, "categories": {}} for _ in texts]}).encode()
        with suppress(ConnectionError):
            self._send(200, answer, len(answer))

    def _answer_wrongly(self, kind: str) -> None:
        status, _, body = kind.partition(" ")
        if body in _WHOLE_BODIES:
            self._send(int(status), _WHOLE_BODIES[body], len(_WHOLE_BODIES[body]))
        else:
            self._send(int(status), _GOOD[: len(_GOOD) // 2] if body == "truncated" else b"{", len(_GOOD))
            cut_at = time.monotonic() + (0 if body == "truncated" else _CUT_AFTER_SECONDS)
            while time.monotonic() < cut_at:
                time.sleep(0.2)
                self.wfile.write(b" " if body == "drip" else b"")

    def _send(self, status: int, body: bytes, length: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def hostile_upstream() -> Iterator[HostileUpstream]:
    with HostileUpstream() as upstream:
        threading.Thread(target=upstream.serve_forever, args=(0.05,), daemon=True).start()
        yield upstream
        upstream.shutdown()
