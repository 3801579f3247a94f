"""An image service that answers a prompt's first call in one of 85 wrong ways, if the prompt ends with "kind N"."""

import base64
import io
import json
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

STATUSES = (200, 201, 202, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504)
BODIES = ("garbage", "html", "truncated", "wrong base64", "drip", "hang")
TINY = "200 tiny image"
KINDS = [*(f"{status} {body}" for status in STATUSES for body in BODIES), TINY]
_CUT_AFTER_SECONDS = 3.0


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
    """One call; `kind` is empty for a call that got an image."""

    prompt: str
    kind: str


class HostileUpstream(ThreadingHTTPServer):
    """Listens on a free port of the loopback address; an image takes about `seconds`."""

    daemon_threads = True
    request_queue_size = 500

    def __init__(self, seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seconds = seconds
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def record(self, prompt: str) -> Call:
        named = re.search(r" kind (\d+)$", prompt)
        with self._lock:
            is_first = not any(call.prompt == prompt for call in self.calls) if named else False
            call = Call(prompt, KINDS[int(named[1])] if named and is_first else "")
            self.calls.append(call)
        return call

    def images_made(self) -> int:
        return sum(not call.kind for call in self.calls)


class _Handler(BaseHTTPRequestHandler):
    server: HostileUpstream

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/moderations"):
            self._flag_nothing(json.loads(body)["input"])
            return
        call = self.server.record(json.loads(body)["prompt"])
        # The client may have been killed.
        with suppress(ConnectionError):
            if call.kind:
                self._answer_wrongly(call.kind)
            else:
                time.sleep(self.server.seconds * random.uniform(0.5, 1.5))
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

    def _send(self, status: int, body: bytes, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def hostile_upstream(seconds: float) -> Iterator[HostileUpstream]:
    with HostileUpstream(seconds) as upstream:
        threading.Thread(target=upstream.serve_forever, args=(0.05,), daemon=True).start()
        yield upstream
        upstream.shutdown()
