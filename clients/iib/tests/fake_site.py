"""A minimal site that implements the API, and can be set to fail."""

import hashlib
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

#: Status, JSON or bytes, and headers of a response.
Answer = tuple[int, Any, dict[str, str]]

KEY = "iib_abcdef123456_" + "0" * 48
HEADERS = {"Content-Type": "application/json"}
NOT_FOUND = (404, {"title": "Not found", "status": 404}, {})


def picture(position: int) -> bytes:
    return f"the picture {position} ".encode() * 5_000


@dataclass
class Fault:
    """What the next request whose path begins so gets instead of an answer."""

    path: str
    status: int = 500
    body: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    is_drop: bool = False


@dataclass
class FakeSite:
    """Makes `images_a_poll` images between two looks at a batch, up to `most_images`, unless it is paused."""

    url: str = ""
    images_a_poll: int = 2
    most_images: int = 1_000
    credits_left: int = 100
    names: list = field(default_factory=list)
    failing: dict = field(default_factory=dict)
    refusal: dict | None = None
    verdicts: dict = field(default_factory=dict)
    damaged: int = 0
    faults: deque = field(default_factory=deque)
    requests: list = field(default_factory=list)
    batches: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)

    def answer(self, method: str, path: str, query: str, headers: Any, body: Any) -> Answer:
        """Return status, JSON or bytes, and headers."""
        parts = path.removeprefix("/api/v1/").split("/")
        if headers.get("Authorization") != f"Bearer {KEY}":
            return 401, {"title": "Unauthorized", "detail": "This key is not valid.", "status": 401}, {}
        if parts == ["account"]:
            return 200, {"email": "alice@example.org", "plan": "Pro", "credits_left": self.credits_left}, {}
        if parts[0] == "references":
            return (204, b"", {}) if method == "DELETE" else (201, {"id": f"photo-{len(self.requests)}"}, {})
        if parts == ["batches"] and method == "POST":
            return self.create(json.loads(body), "dry_run=true" in query, headers.get("Idempotency-Key"))
        if parts[0] == "batches" and len(parts) > 1 and parts[1] in self.batches:
            return self.of_batch(self.batches[parts[1]], parts[2:], method, headers.get("If-None-Match"), body)
        return NOT_FOUND

    def create(self, order: dict[str, Any], is_dry_run: bool, key: str | None) -> Answer:
        total = len(order["prompts"])
        names = self.names or [f"{number:02}.png" for number in range(1, total + 1)]
        amounts = {"needed": total, "left": self.credits_left}
        if is_dry_run:
            images = [{"position": position, "name": name} for position, name in enumerate(names, 1)]
            bill = {"total": total, "credits": amounts, "images": images, "seconds": 12.0 * total}
            return 200, {**bill, "refusal": self.refusal}, {}
        batch = next((batch for batch in self.batches.values() if batch["key"] == key), None)
        if batch is None:
            batch_id = f"b{len(self.batches) + 1}"
            batch = {"id": batch_id, "key": key, "order": order, "names": names, "made": 0, "status": "running"}
            self.batches[batch_id] = batch
        return 201, {"id": batch["id"], "status": "queued", "total": total, "credits": amounts, "url": "/"}, {}

    def of_batch(self, batch: dict[str, Any], rest: list[str], method: str, seen: str | None, body: Any) -> Answer:
        if rest == ["references"]:
            return 200, self.shown(batch), {}
        if method == "PUT":
            self.verdicts |= json.loads(body)
            return 200, self.shown(batch), {}
        if rest[2:] == ["rest"]:
            return 200, {"images": 2, "credits": 4, "number": 1, "style": "same style as image 1, other content"}, {}
        if rest[:1] == ["images"] and method == "POST":
            price = 1 if rest[2] == "edit" else 2
            return 201, {"position": 4, "name": f"{rest[1]}_v2.png", "credits": price, "url": "/"}, {}
        if rest[:1] == ["images"]:
            return self._picture(int(rest[1]))
        if method == "POST":
            batch["status"] = "cancelled" if rest == ["cancel"] else batch["status"]
            return 200, self.shown(batch), {}
        total = len(batch["names"])
        if batch["status"] == "running":
            batch["made"] = min(total, batch["made"] + self.images_a_poll, self.most_images)
            batch["status"] = "finished" if batch["made"] == total else "running"
        shown = self.shown(batch)
        etag = f'W/"{hashlib.sha256(json.dumps(shown).encode()).hexdigest()}"'
        return (304, b"", {"ETag": etag}) if seen == etag else (200, shown, {"ETag": etag})

    def _picture(self, position: int) -> Answer:
        if self.damaged:
            self.damaged -= 1
            return 200, picture(position)[:-1] + b"?", {}
        return 200, picture(position), {}

    def shown(self, batch: dict[str, Any]) -> dict[str, Any]:
        images = [self._image(batch, position) for position in range(1, len(batch["names"]) + 1)]
        return {"id": batch["id"], "title": "cats", "status": batch["status"], "images": images}

    def _image(self, batch: dict[str, Any], position: int) -> dict[str, Any]:
        prompt = batch["order"]["prompts"][position - 1]
        status = "ready" if position <= batch["made"] else "waiting"
        status = "cancelled" if status == "waiting" and batch["status"] == "cancelled" else status
        image = {"position": position, "prompt": prompt if isinstance(prompt, str) else prompt["prompt"]}
        image |= {"name": batch["names"][position - 1], "status": status, "error": None, "credits": 1, "url": None}
        image |= {"version": 1, "verdict": self.verdicts.get(str(position), "")}
        image |= {"width": None, "height": None, "bytes": None, "sha256": None}
        if status == "ready" and position in self.failing:
            return image | {"status": "failed", "credits": 0, "error": self.failing[position]}
        if status == "ready":
            digest = hashlib.sha256(picture(position)).hexdigest()
            image |= {"sha256": digest, "width": 8, "height": 8, "url": f"http://elsewhere/{position}"}
        return image


#: Status, JSON or bytes, and headers of a response.
Answer = tuple[int, Any, dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site, parts = self.server.site, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        site.requests.append((self.command, parts.path, parts.query, dict(self.headers), body))
        fault = self._fault(site, parts.path)
        if fault:
            self._send_fault(fault)
        else:
            self._send(*site.answer(self.command, parts.path, parts.query, self.headers, body))

    def do_POST(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def _fault(self, site: FakeSite, path: str) -> bool:
        fault = site.faults[0] if site.faults else None
        return site.faults.popleft() if fault and path.startswith(f"/api/v1/{fault.path}") else None

    def _send_fault(self, fault: Any) -> None:
        if fault.is_drop:
            self.close_connection = True
        else:
            self._send(fault.status, fault.body, fault.headers)

    def _send(self, status: int, content: bytes, headers: Any) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **HEADERS, **self.server.site.headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Serves one `FakeSite` on a free port until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = FakeSite(url=f"http://127.0.0.1:{self.server_port}")
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
