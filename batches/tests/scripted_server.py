"""A server that answers each request with bytes laid out beforehand: right, wrong, cut off or not at all."""

import json
import socketserver
import ssl
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What is sent for one request; `close` ends the connection after it, None as data leaves it hanging."""

    data: bytes | None
    close: bool = False


@dataclass(frozen=True)
class Drip:
    """The start of a response, after which one byte comes now and then."""

    data: bytes
    every_seconds: float


def http(
    body: Any = b"", status: int = 200, *, close: bool = False, length: int | None = None, **headers: Any
) -> Reply:
    """An HTTP response; `length` is the announced one, if it is to be another than the body's."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Length": len(content) if length is None else length, **headers}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return Reply("\r\n".join(lines).encode() + b"\r\n\r\n" + content, close)


@dataclass
class Script:
    """The replies to come, and what was asked: raw requests, and how many connections they came on."""

    replies: deque = field(default_factory=deque)
    requests: list = field(default_factory=list)
    connection_count: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def expect(self, *replies: Reply | Drip) -> None:
        """Lay out the replies to the next requests."""
        self.replies.extend(replies)


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Plays its script on a free port of the loopback address; over TLS when given a context."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.script = Script(url="{}://{}:{}".format("https" if tls else "http", *self.server_address))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script = self.server.script
        script.connection_count += 1
        while request := self._read():
            script.requests.append(request)
            reply = script.replies.popleft()
            if reply.data is None:
                script.closed.wait(60)
                return
            self.wfile.write(reply.data)
            if isinstance(reply, Drip):
                self._drip(reply.every_seconds)
                return
            if reply.close:
                return

    def _drip(self, every_seconds: float) -> None:
        with suppress(ConnectionError):
            while not self.server.script.closed.wait(every_seconds):
                self.wfile.write(b" ")

    def finish(self) -> None:
        super().finish()
        self.server.shutdown_request(self.request)
        self.server.script.closed.set()

    def _read(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head + self.rfile.read(int(lengths[0].partition(b":")[2]) if lengths else 0)
